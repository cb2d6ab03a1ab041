/** Headers set, added and hidden on the way to clients. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";
import { headersCompared, successful } from "./headers-compared.ts";

const apacheSuccessful = `"expr=%{REQUEST_STATUS} -in {'200','201','204','206','301','302','303','304','307','308'}"`;

export const responseHeaderSets: readonly RuleSet[] = [
  {
    ...headersCompared,
    name: "hide",
    about: "headers of the application that clients do not get",
    nginx: `
      proxy_hide_header X-Powered-By;
      proxy_hide_header Set-Cookie;
      proxy_hide_header X-Not-There;
      ${nginxForwards}`,
    apache: `
      Header unset X-Powered-By
      Header unset Set-Cookie
      Header unset X-Not-There
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: { response: { remove: ["X-Powered-By", "Set-Cookie", "X-Not-There"] } },
      },
    ],
  },
  {
    ...headersCompared,
    name: "add",
    about: "headers added to answers, some only to those without an error",
    nginx: `
      add_header X-Frame-Options DENY;
      add_header X-Debug more;
      add_header X-Always "$host yes" always;
      add_header Set-Cookie added=1 always;
      ${nginxForwards}`,
    apache: `
      Header add X-Frame-Options DENY ${apacheSuccessful}
      Header add X-Debug more ${apacheSuccessful}
      Header always set X-Always "expr=%{HTTP_HOST} yes"
      Header always add Set-Cookie added=1
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
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
    ],
  },
  {
    ...headersCompared,
    name: "cache",
    about: "how long answers without an error are kept",
    nginx: `
      proxy_hide_header Cache-Control;
      add_header Cache-Control "public, max-age=60";
      ${nginxForwards}`,
    apache: `
      Header unset Cache-Control
      Header set Cache-Control "public, max-age=60" ${apacheSuccessful}
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: {
          response: {
            remove: ["Cache-Control"],
            add: { "Cache-Control": { value: "public, max-age=60", statuses: successful } },
          },
        },
      },
    ],
  },
  {
    ...headersCompared,
    name: "flags",
    about: "flags of the application's cookies",
    nginx: `
      proxy_cookie_flags session secure httponly samesite=strict;
      proxy_cookie_flags lang nohttponly;
      ${nginxForwards}`,
    apache: `
      Header edit Set-Cookie "^(session=.*)$" "$1; Secure; HttpOnly; SameSite=Strict"
      Header edit Set-Cookie "^(lang=[^;]*); HttpOnly" "$1"
      ${apacheForwards}`,
    weir: [{ upstream: "flags" }],
    upstream: {
      rewrite: {
        cookieFlags: {
          session: { secure: true, httpOnly: true, sameSite: "strict" },
          lang: { httpOnly: false },
        },
      },
    },
  },
];
