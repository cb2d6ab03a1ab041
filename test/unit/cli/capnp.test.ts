/** The configuration that workerd is given. That workerd understands it is shown by every end-to-end test. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { text, workerdConfig, type WorkerdOptions } from "../../../cli/workerd/capnp.ts";
import { anyCharacter } from "../../support/any-character.ts";

const options: WorkerdOptions = {
  addresses: ["127.0.0.1:8787"],
  cronAddress: "127.0.0.1:0",
  compatibilityDate: "2026-11-02",
  compatibilityFlags: ["enable_request_signal"],
  durableObjects: [
    { binding: "UPSTREAM_STATE", className: "WeirUpstream", firstName: "UpstreamState" },
    { binding: "PROBER", className: "WeirProber", firstName: "Prober" },
  ],
  environment: ["WEIR_SECRET"],
  trustedCertificates: ["-----BEGIN CERTIFICATE-----\nx"],
  servers: [{ binding: "SHOP", address: "10.0.0.5:8080" }],
  storageDir: "/state/objects",
  spoolDir: "/state/spool",
};

/** Reads a Cap'n Proto string back, escape by escape. */
function read(literal: string): string {
  expect(literal).toMatch(/^"(?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})*"$/su);
  return literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
      hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

describe("a text", () => {
  it("means the same after it was written, whatever is in it, and never ends early", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (value) => {
        expect(read(text(value))).toBe(value);
      }),
    );
  });

  it("stays on one line", () => {
    expect(text('a "b"\\\n\t\u007f ü')).toBe('"a \\"b\\"\\\\\\x0a\\x09\\x7f ü"');
  });
});

describe("with one isolate", () => {
  const config = workerdConfig(options);

  it("the Worker holds its own objects, with SQLite, on the storage directory", () => {
    expect(config).toContain('(name = "weir-0", worker = (');
    expect(config).not.toContain("weir-objects");
    expect(config).toContain('(className = "WeirProber", uniqueKey = "weir-Prober", enableSql = true)');
    expect(config).toContain('(name = "storage", disk = (path = "/state/objects", writable = true))');
  });

  it("origins in private networks can be reached", () => {
    expect(config).toContain('network = (allow = ["public", "private"]');
  });

  it("V8 collects its garbage before there is much of it, since of what is native only that frees any", () => {
    expect(config).toContain('v8Flags = ["--initial-old-space-size=8", "--max-semi-space-size=8"]');
  });

  it("private authorities are trusted besides the public ones", () => {
    expect(config).toContain(String.raw`trustedCertificates = ["-----BEGIN CERTIFICATE-----\x0ax"]`);
    expect(config).toContain("trustBrowserCas = true");
  });

  it("a server behind a binding is dialled at its address", () => {
    expect(config).toContain('(name = "server-SHOP", external = (address = "10.0.0.5:8080", http = ()))');
    expect(config).toContain('(name = "SHOP", service = "server-SHOP")');
  });

  it("values come from the environment and are not in the text", () => {
    expect(config).toContain('(name = "WEIR_SECRET", fromEnvironment = "WEIR_SECRET")');
  });

  it("the cron service calls this Worker, and knows its token from the environment", () => {
    expect(config).toContain('(name = "WEIR", service = "weir-0")');
    expect(config).toContain('(name = "TOKEN", fromEnvironment = "WEIR_CRON_TOKEN")');
  });
});

describe("with several isolates", () => {
  const config = workerdConfig({ ...options, addresses: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"] });

  it("each has a service and a socket of its own", () => {
    for (const [index, port] of [1, 2, 3].entries()) {
      expect(config).toContain(
        `(name = "http-${index}", address = "127.0.0.1:${port}", http = (), service = "weir-${index}")`,
      );
    }
  });

  it("each has a tunnel for WebSockets that leads back into itself and nowhere else", () => {
    for (const index of [0, 1, 2]) {
      const address = `address = "unix:sockets-${index}"`;
      expect(config).toContain(`(name = "sockets-${index}", external = (${address}, http = ()))`);
      expect(config).toContain(
        `(name = "sockets-${index}", ${address}, tcp = (), service = (name = "weir-${index}", entrypoint = "SocketTunnel"))`,
      );
      expect(config.split(`(name = "WEIR_SOCKETS", service = "sockets-${index}")`)).toHaveLength(2);
    }
  });

  it("all of them bind the objects of one service that has no socket", () => {
    const shared = '(className = "WeirUpstream", serviceName = "weir-objects")';
    expect(config.split(shared)).toHaveLength(1 + 3);
    expect(config.match(/durableObjectNamespaces = /g)).toHaveLength(1);
    expect(config).not.toMatch(/http = \(\), service = "weir-objects"/);
  });
});
