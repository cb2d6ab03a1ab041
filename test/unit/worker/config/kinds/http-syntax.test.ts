/** The pieces of HTTP that a config may contain: nothing in them ends the line or the attribute that they stand in. */
import { describe, expect, test } from "vitest";
import * as syntax from "../../../../../worker/config/kinds/http-syntax.ts";

const { isCookiePath, isHeaderValue, isMethod, isProbeHeaderName, isPseudonym } = syntax;
const { isRequestTarget, isToken, isUrlPath } = syntax;

const rows: readonly (readonly [(text: string) => boolean, yes: readonly string[], no: readonly string[]])[] =
  [
    [isToken, ["X-A", "__Host-a", "!#$%&'*+.^_`|~"], ["", "a b", "a:b", "a\n", "é", "a".repeat(257)]],
    [isProbeHeaderName, ["Authorization", "Accept"], ["Host", "TE", "content-length", "Upgrade", "a b"]],
    [isHeaderValue, ["", "a \t b", "Jos\xe9"], [" a", "a\t", "a\r\nb", "a\0b", "\x7f", "ł"]],
    [
      isUrlPath,
      ["/", "/a/b%20c", "/@:,;="],
      ["", "a", "//a", "/a/../b", "/a?b", "/a#b", "/a b", "/é", "/a\n"],
    ],
    [isRequestTarget, ["/a?", "/a?b=c&d", "/?"], ["/a?b#c", "/a?b c", "?a", "/a?é"]],
    [isCookiePath, ["/", "/a b"], ["", "a", "/a;b", "/a ", "/a\n", "/é"]],
    [isMethod, ["GET", "M-SEARCH"], ["get", "", "-GET", "GET ", "A".repeat(33)]],
    [isPseudonym, ["weir", "weir.example.com:8080"], ["", "a b", "a, b", "weir:", "weir:123456", "a\n"]],
  ];

describe.each(rows.map(([is, yes, no]) => [is.name, is, yes, no] as const))("%s", (_, is, yes, no) => {
  test.each(yes)("%j", (text) => expect(is(text)).toBe(true));
  test.each(no)("not %j", (text) => expect(is(text)).toBe(false));
});
