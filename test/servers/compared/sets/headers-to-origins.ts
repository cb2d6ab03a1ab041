/** Headers set, completed and taken off on the way to origins. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";
import { headersCompared } from "./headers-compared.ts";

export const requestHeaderSets: readonly RuleSet[] = [
  {
    ...headersCompared,
    name: "tell",
    about: "the application is told more",
    nginx: `
      proxy_set_header X-Tenant acme;
      proxy_set_header X-Where $scheme://$http_host$request_uri;
      proxy_set_header X-Client "$remote_addr ($request_method)";
      ${nginxForwards}`,
    apache: `
      RequestHeader set X-Tenant acme
      RequestHeader set X-Where "expr=%{REQUEST_SCHEME}://%{HTTP_HOST}%{REQUEST_URI}?%{QUERY_STRING}"
      RequestHeader set X-Client "expr=%{REMOTE_ADDR} (%{REQUEST_METHOD})"
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: {
          request: {
            set: {
              "X-Tenant": "acme",
              "X-Where": "${scheme}://${host}${path}?${query}",
              "X-Client": "${client} (${method})",
            },
          },
        },
      },
    ],
  },
  {
    ...headersCompared,
    name: "drop",
    about: "headers of clients that the application does not get",
    nginx: `
      proxy_set_header Accept-Encoding "";
      proxy_set_header X-Secret "";
      proxy_set_header Cookie "";
      ${nginxForwards}`,
    apache: `
      RequestHeader unset Accept-Encoding
      RequestHeader unset X-Secret
      RequestHeader unset Cookie
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: { request: { remove: ["Accept-Encoding", "Cookie"], set: { "X-Secret": "" } } },
      },
    ],
  },
  {
    ...headersCompared,
    name: "copy",
    about: "headers made of other headers, a cookie, an argument",
    nginx: `
      proxy_set_header X-Agent $http_user_agent;
      proxy_set_header X-Session $cookie_session;
      proxy_set_header X-Page "page=$arg_page";
      proxy_set_header X-None $http_x_none;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{QUERY_STRING} (?:^|&)page=([^&]*)
      RewriteRule ^ - [E=PAGE:%1]
      SetEnvIf Cookie "(?:^|;\s*)session=([^;]+)" SESSION=$1
      RequestHeader set X-Agent "expr=%{HTTP_USER_AGENT}" "expr=-n %{HTTP_USER_AGENT}"
      RequestHeader set X-Session "%{SESSION}e" env=SESSION
      RequestHeader set X-Page "expr=page=%{reqenv:PAGE}"
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: {
          request: {
            set: {
              "X-Agent": "${header.user-agent}",
              "X-Session": "${cookie.session}",
              "X-Page": "page=${arg.page}",
              "X-None": "${header.x-none}",
            },
          },
        },
      },
    ],
  },
  {
    ...headersCompared,
    name: "key",
    about: "a login and a cookie for the application",
    nginx: `
      proxy_set_header Authorization "Basic YTpi";
      proxy_set_header Cookie "$http_cookie; theme=dark";
      ${nginxForwards}`,
    apache: `
      RequestHeader set Authorization "Basic YTpi"
      RequestHeader set Cookie "expr=%{HTTP:Cookie}; theme=dark"
      ${apacheForwards}`,
    weir: [{ upstream: "key" }],
    upstream: {
      headers: {
        request: { set: { Authorization: "Basic YTpi", Cookie: "${header.cookie}; theme=dark" } },
      },
    },
  },
];
