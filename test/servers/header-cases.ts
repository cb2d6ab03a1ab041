/** Headers as an nginx.conf has them, and the same as a route and an upstream of Weir have them: each of them gets a host of its own in both. */
import type { WeirRoute, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";

export interface HeaderCase {
  /** Begins the host's name. */
  readonly name: string;
  /** What stands in nginx's `server { }`, before a `location /` that forwards. */
  readonly nginx: string;
  readonly route: Pick<WeirRoute, "headers" | "cors" | "rules" | "security">;
  readonly upstream?: Pick<WeirUpstreamConfig, "headers" | "rewrite">;
}

/** nginx's `add_header` without `always`. */
const successful = [200, 201, 204, 206, "301-304", 307, 308];

export const headerCases: readonly HeaderCase[] = [
  {
    name: "tell",
    nginx: `proxy_set_header X-Tenant acme; proxy_set_header X-Where $scheme://$http_host$request_uri;
      proxy_set_header X-Client "$remote_addr ($request_method)";`,
    route: {
      headers: {
        request: {
          set: {
            "X-Tenant": "acme",
            "X-Where": "${scheme}://${host}${path}?${query}",
            "X-Client": "${client} (GET)",
          },
        },
      },
    },
  },
  {
    name: "drop",
    nginx: 'proxy_set_header Accept-Encoding ""; proxy_set_header X-Secret ""; proxy_set_header Cookie "";',
    route: { headers: { request: { remove: ["Accept-Encoding", "Cookie"], set: { "X-Secret": "" } } } },
  },
  {
    name: "copy",
    nginx: `proxy_set_header X-Agent $http_user_agent; proxy_set_header X-Session $cookie_session;
      proxy_set_header X-Page "page=$arg_page"; proxy_set_header X-None $http_x_none;`,
    route: {
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
  },
  {
    name: "login",
    nginx: 'proxy_set_header Authorization "Basic YTpi"; proxy_set_header Cookie "$http_cookie; theme=dark";',
    route: {},
    upstream: {
      headers: {
        request: { set: { Authorization: "Basic YTpi", Cookie: "${header.cookie}; theme=dark" } },
      },
    },
  },
  {
    name: "hide",
    nginx: "proxy_hide_header X-Powered-By; proxy_hide_header Set-Cookie; proxy_hide_header X-Not-There;",
    route: { headers: { response: { remove: ["X-Powered-By", "Set-Cookie", "X-Not-There"] } } },
  },
  {
    name: "add",
    nginx: `add_header X-Frame-Options DENY; add_header X-Debug more; add_header X-Always "$host yes" always;
      add_header Set-Cookie added=1 always;`,
    route: {
      headers: {
        response: {
          add: {
            "X-Frame-Options": { value: "DENY", statuses: successful },
            "X-Debug": { value: "more", statuses: successful },
            "X-Always": "${host} yes",
            "Set-Cookie": "added=1",
          },
        },
      },
    },
  },
  {
    name: "cache",
    nginx: 'proxy_hide_header Cache-Control; add_header Cache-Control "public, max-age=60";',
    route: {
      headers: { response: { remove: ["Cache-Control"], add: { "Cache-Control": "public, max-age=60" } } },
    },
  },
  {
    name: "flags",
    nginx: "proxy_cookie_flags session secure httponly samesite=strict; proxy_cookie_flags lang nohttponly;",
    route: {},
    upstream: {
      rewrite: {
        cookieFlags: {
          session: { secure: true, httpOnly: true, sameSite: "strict" },
          lang: { httpOnly: false },
        },
      },
    },
  },
  {
    name: "mine",
    nginx: `add_header X-Served-By lb; add_header X-Always lb always;
      location /closed { return 403; } location /moved { return 301 http://mine.test/new; }`,
    route: {
      headers: {
        response: { add: { "X-Served-By": { value: "lb", statuses: successful }, "X-Always": "lb" } },
      },
      rules: [
        { prefix: "/closed", respond: 403 },
        { prefix: "/moved", redirect: { to: "http://mine.test/new", status: 301 } },
      ],
    },
  },
  {
    name: "cors",
    nginx: `proxy_hide_header Access-Control-Allow-Origin;
      add_header Access-Control-Allow-Origin https://app.test always;
      add_header Access-Control-Allow-Credentials true always;`,
    route: { cors: { origins: ["https://app.test"], credentials: true } },
  },
];
