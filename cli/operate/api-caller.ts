/** Calls to the operator's API of a running Weir: where it is, the token, and what each failure means for whoever calls. */
import { request } from "undici";
import { ExpectedError } from "../expected-error.ts";
import { adminTokenFile, findAdminToken, tokenVariable } from "../local/admin-token-file.ts";
import { readSecret } from "../local/kept-secret.ts";
import { displayPath } from "../terminal/display-path.ts";
import { exitCodes } from "./exit-codes.ts";

export interface Whereabouts {
  /** Weir's own URL. */
  readonly url: string;
  /** The Host to send, where `admin.hosts` has others than that of the URL. */
  readonly host?: string;
  readonly tokenFile?: string;
}

/** Calls a path below the API's own. Resolves to the answer. @throws ExpectedError if Weir does not carry it out. */
export type ApiCall = (method: "GET" | "POST", path: string) => Promise<unknown>;

/** Where `weir start` keeps its state, unless it is told otherwise. */
const stateDir = ".weir";
const answerWithinMs = 10_000;

/** @throws ExpectedError without a token. */
export async function apiCaller({ url, host, tokenFile }: Whereabouts): Promise<ApiCall> {
  const { token, ...source } = await tokenFrom(tokenFile);
  const origin = url.replace(/\/+$/, "");
  const headers = { authorization: `Bearer ${token}`, ...(host !== undefined && { host }) };
  return async (method, path) => {
    const timeouts = { headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs };
    const answer = await request(`${origin}/_weir/api/v1/${path}`, { method, headers, ...timeouts }).catch(
      (error: unknown) => {
        const message = `Weir does not answer at ${origin}: ${error instanceof Error ? error.message : String(error)}.`;
        throw new ExpectedError(
          message,
          "Is Weir running at that URL? Set another one with --url.",
          exitCodes.noAnswer,
        );
      },
    );
    const text = await answer.body.text();
    if (answer.statusCode === 200) return parsed(text, origin);
    throw refused(answer.statusCode, text, origin, source);
  };
}

/** Where a token was found, and what to do if it is not the one. */
interface TokenSource {
  readonly where: string;
  readonly hint: string;
}

const ownToken = "weir start says where its token is: --token-file FILE.";

async function tokenFrom(file: string | undefined): Promise<TokenSource & { readonly token: string }> {
  const found =
    file === undefined
      ? await findAdminToken(stateDir, process.env)
      : { token: await readSecret(file), where: displayPath(file) };
  if (found?.token !== undefined) {
    const { token, where } = found;
    const isEnvironment = where === tokenVariable;
    const hint = isEnvironment ? `It comes before ${adminTokenFile(stateDir)}. ${ownToken}` : ownToken;
    // What a header can carry; any other is not one that Weir would know.
    if (/^[\x21-\x7e]+$/.test(token)) return { token, where, hint };
    throw new ExpectedError(
      "The admin token has characters that no token has: spaces, line breaks, or letters beyond ASCII.",
      "Was it copied whole? weir start keeps it in its state directory, in admin-token.",
      exitCodes.notAdmitted,
    );
  }
  const looked =
    file === undefined
      ? `neither WEIR_ADMIN_TOKEN is set, nor is there ${adminTokenFile(stateDir)}`
      : `${file} is not there, or empty`;
  throw new ExpectedError(
    `There is no admin token: ${looked}.`,
    "weir start keeps it in its state directory (--token-file DIR/admin-token); of a deployed Weir it is the secret WEIR_ADMIN_TOKEN.",
    exitCodes.notAdmitted,
  );
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange(url, text);
  }
}

export const strange = (url: string, text: string): ExpectedError =>
  new ExpectedError(
    `What answers at ${url} is not Weir's API: ${text.slice(0, 200)}`,
    "If its config sets admin.hosts, name one of these hosts with --host.",
    exitCodes.noAnswer,
  );

function refused(status: number, text: string, url: string, { where, hint }: TokenSource): ExpectedError {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (status === 403 && message !== undefined)
    return new ExpectedError(
      `Weir at ${url} does not admit the token of ${where}: ${message}`,
      hint,
      exitCodes.notAdmitted,
    );
  return ofRoute(text) ?? strange(url, `${status} ${text}`);
}

/** Why there can be no such order for a route, in the API's own words. */
const routeCodes = new Set(["unknown-route", "not-by-order", "bad-duration", "too-many-orders", "no-roles"]);

function ofRoute(text: string): ExpectedError | undefined {
  const [, code = ""] = /"code":"([\w-]+)"/.exec(text) ?? [];
  if (!routeCodes.has(code)) return undefined;
  const { error }: { readonly error: { readonly message: string } } = JSON.parse(text);
  return new ExpectedError(error.message, undefined, exitCodes.noRoute);
}
