/**
 * A browser: one user with a cookie jar, connections that are kept alive, and an address of its own. It follows redirects, takes
 * CSRF tokens out of forms, and never sends a POST twice. It knows who it is, and so notices an answer that is another's.
 */
import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { CookieJar } from "./cookies.ts";
import { exchange, type Exchange } from "./exchange.ts";
import type { BrowserRecord, Kind } from "./record.ts";

/** Idle connections are closed by the browser before a front does, so that hardly a request meets a closed one. */
const idleMs = 2_000;
/** As browsers have it, for one site over HTTP/1.1. */
const connections = 6;
const patienceMs = 60_000;

export interface BrowserOptions {
  /** The user's name, too. */
  readonly name: string;
  readonly url: string;
  /** Of this machine's loopback network: each browser comes from an address of its own. */
  readonly address: string;
  readonly onRecord: (record: BrowserRecord) => void;
}

interface Ask {
  readonly kind: Kind;
  readonly path: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly file?: Buffer;
  /** What the answer must be. Default: 200. */
  readonly expect?: (answer: Extract<Exchange, { kind: "answered" }>) => boolean;
  /** The note that it is to leave. */
  readonly note?: string;
}

const isGood: NonNullable<Ask["expect"]> = ({ status }) => status === 200;

export class Browser {
  readonly #jar = new CookieJar();
  readonly #agent: Agent;
  readonly #options: BrowserOptions;
  #isSignedIn = false;
  #instance: string | undefined;
  #requests = 0;

  constructor(options: BrowserOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: connections,
      timeout: idleMs,
      localAddress: options.address,
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get isSignedIn(): boolean {
    return this.#isSignedIn;
  }

  /** Gets a page. @returns its text, if it is as expected. */
  get(kind: Kind, path: string, expect?: Ask["expect"]): Promise<string | undefined> {
    return this.#ask({ kind, path, ...(expect && { expect }) });
  }

  /** Signs in by the form; from then on each answer must be this user's. */
  async signIn(): Promise<boolean> {
    const token = tokenIn(await this.get("form", "/login/"));
    if (token === undefined) return false;
    const fields = { csrfmiddlewaretoken: token, user: this.name };
    const answer = await this.#ask({ kind: "login", path: "/login/", fields, expect: redirects });
    this.#isSignedIn = answer !== undefined;
    return this.#isSignedIn;
  }

  /** Fills in the form of notes, and follows the redirect to the note. */
  async takeNote(): Promise<void> {
    const form = await this.get("form", "/notes/");
    const token = tokenIn(form);
    if (token === undefined) return;
    const text = randomUUID();
    const fields = { csrfmiddlewaretoken: token, text };
    const location = await this.#ask({
      kind: "post",
      path: "/notes/",
      fields,
      expect: redirects,
      note: text,
    });
    if (location === undefined) return;
    await this.get("page", location, ({ status, body }) => status === 200 && body.includes(text));
  }

  /** Sends a file by the form of uploads. @param sha256 of it, in hex. */
  async upload(file: Buffer, sha256: string): Promise<void> {
    const token = tokenIn(await this.get("form", "/upload/"));
    if (token === undefined) return;
    const fields = { csrfmiddlewaretoken: token };
    const expect: Ask["expect"] = ({ status, body }) => status === 200 && body.includes(sha256);
    await this.#ask({ kind: "upload", path: "/upload/", fields, file, expect });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @returns where it redirects to, or else the body; `undefined`: it is not as expected. */
  async #ask({ kind, path, fields, file, expect = isGood, note }: Ask): Promise<string | undefined> {
    const { name, url, onRecord } = this.#options;
    const id = `${name}-${++this.#requests}`;
    const method = fields === undefined ? "GET" : "POST";
    const content = fields && contentOf(fields, file);
    const headers = {
      cookie: this.#jar.header,
      "x-browser-request": id,
      ...(content && { "content-type": content.type, origin: url }),
    };
    const sent = {
      url: `${url}${path}`,
      method,
      headers,
      agent: this.#agent,
      timeoutMs: patienceMs,
    } as const;
    const send = () => exchange(content ? { ...sent, body: content.body } : sent);
    const startedMs = Date.now();
    let answer = await send();
    const wasResent = method === "GET" && answer.kind === "failed" && answer.failure === "stale";
    if (wasResent) answer = await send();
    const isExpected = answer.kind === "answered" && expect(answer);
    onRecord({
      id,
      browser: name,
      kind,
      method,
      startedMs,
      endedMs: Date.now(),
      outcome: outcomeOf(answer),
      isWrong: !isExpected,
      ...this.#identify(answer),
      wasResent,
      ...(note !== undefined && { note }),
    });
    if (answer.kind !== "answered" || !isExpected) return undefined;
    return answer.headers.location ?? answer.body;
  }

  /** Whether an answer is another's, and whether another instance has given it than the last. */
  #identify(answer: Exchange): Pick<BrowserRecord, "isForeign" | "hasMoved"> {
    if (answer.kind === "failed") return { isForeign: false, hasMoved: false };
    this.#jar.storeCookies(answer.headers["set-cookie"] ?? []);
    const { instance } = answer;
    if (instance === undefined) return { isForeign: false, hasMoved: false };
    const hasMoved = this.#instance !== undefined && this.#instance !== instance;
    this.#instance = instance;
    const user = answer.headers["x-user"];
    // Before the login an answer has no user; the answer to the login is the first that has one.
    const isForeign = user === undefined ? this.#isSignedIn : user !== this.name;
    return { isForeign, hasMoved };
  }
}

const redirects: NonNullable<Ask["expect"]> = ({ status, headers }) =>
  status === 302 && headers.location !== undefined;

function outcomeOf(answer: Exchange): BrowserRecord["outcome"] {
  if (answer.kind === "failed") return answer;
  const { status, instance } = answer;
  return { kind: "answered", status, ...(instance !== undefined && { instance }) };
}

/** The CSRF token of the first form in a page. */
const tokenIn = (page: string | undefined): string | undefined =>
  /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page ?? "")?.[1];

/** A form's content: `application/x-www-form-urlencoded`, or with a file `multipart/form-data` (RFC 7578). */
function contentOf(
  fields: Readonly<Record<string, string>>,
  file: Buffer | undefined,
): { readonly type: string; readonly body: Buffer } {
  if (file === undefined) {
    const body = Buffer.from(new URLSearchParams(fields).toString());
    return { type: "application/x-www-form-urlencoded", body };
  }
  const boundary = `browser-${randomUUID()}`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(parts.join("") + head),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}
