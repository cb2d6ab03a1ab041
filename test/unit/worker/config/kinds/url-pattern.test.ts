/** Where origins may be that register themselves. */
import { describe, expect, test } from "vitest";
import { isAllowed, parseAddress, parseUrlPattern } from "../../../../../worker/config/kinds/url-pattern.ts";

describe("an origin may be", () => {
  test.each([
    ["https://a.cloud.example.net", "https://*.cloud.example.net", true],
    ["https://a.b.cloud.example.net", "https://*.cloud.example.net", true],
    ["https://cloud.example.net", "https://*.cloud.example.net", false],
    ["https://evilcloud.example.net", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net.evil.example", "https://*.cloud.example.net", false],
    ["http://a.cloud.example.net", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net:8443", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net:8443", "https://*.cloud.example.net:*", true],
    ["http://10.1.2.3:8080", "http://10.0.0.0/8:8080", true],
    ["http://11.1.2.3:8080", "http://10.0.0.0/8:8080", false],
    ["http://10.1.2.3:8081", "http://10.0.0.0/8:8080-8081", true],
    ["http://10.1.2.3:8082", "http://10.0.0.0/8:8080-8081", false],
    ["http://10.1.2.3", "http://10.1.2.3", true],
    ["http://10.1.2.4", "http://10.1.2.3", false],
    // Other ways to write addresses are put into one form first.
    ["http://0x0a010203:8080", "http://10.0.0.0/8:8080", true],
    ["http://2130706433:80", "http://10.0.0.0/8:80", false],
    ["http://[fd00::7]:80", "http://[fd00::]/8:80", true],
    ["http://[fe80::7]:80", "http://[fd00::]/8:80", false],
    ["http://[::ffff:10.1.2.3]:8080", "http://10.0.0.0/8:8080", false],
    ["http://169.254.169.254", "http://10.0.0.0/8", false],
    ["http://localhost:8080", "http://127.0.0.0/8:8080", false],
  ])("at %s by %s: %s", (url, pattern, expected) => {
    const parsed = parseUrlPattern(pattern) ?? expect.fail("no pattern");
    expect(isAllowed(parseAddress(url) ?? expect.fail("no address"), [parsed])).toBe(expected);
  });

  test.each([
    "http://me:secret@10.1.2.3:80",
    "http://10.1.2.3/admin",
    "http://10.1.2.3?x",
    "http://10.1.2.3#x",
    "http://10.1.2.3\\@evil.example",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//10.1.2.3",
    "http://",
    `http://${"a".repeat(600)}`,
  ])("nowhere that is not scheme, host and port alone: %s", (url) => {
    expect(parseAddress(url)).toBeUndefined();
  });
});
