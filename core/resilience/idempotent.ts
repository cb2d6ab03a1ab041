/**
 * The methods that may be sent twice, since a second time intends no more than the first (RFC 9110 §9.2.2): those that IANA's HTTP
 * Method Registry (https://www.iana.org/assignments/http-methods) calls idempotent. They are those of RFC 9110, of RFC 7237's list,
 * and QUERY. A method that is not registered may do anything, and the registry says "no" of CONNECT, LOCK, PATCH and POST.
 */
export const idempotentMethods: ReadonlySet<string> = new Set(
  [
    // RFC 9110 §9.3.
    "DELETE GET HEAD OPTIONS PUT TRACE",
    // WebDAV: RFC 4918, 3744 (ACL), 5323 (SEARCH), 4791 (MKCALENDAR), 5842 (bindings), 3648 (ORDERPATCH), 4437 (redirect references).
    "COPY MKCOL MOVE PROPFIND PROPPATCH UNLOCK",
    "ACL SEARCH MKCALENDAR BIND REBIND UNBIND ORDERPATCH MKREDIRECTREF UPDATEREDIRECTREF",
    // Versions: RFC 3253.
    "BASELINE-CONTROL CHECKIN CHECKOUT LABEL MERGE MKACTIVITY MKWORKSPACE REPORT UNCHECKOUT UPDATE VERSION-CONTROL",
    // RFC 2068 §19.6.1, RFC 9113 §3.4, and the safe method with content of the HTTP working group.
    "LINK UNLINK PRI QUERY",
  ].flatMap((names) => names.split(" ")),
);
