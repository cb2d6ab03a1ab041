/**
 * `headers` of a route and of its upstream: what the config makes of the headers on their way. A message is changed in the order in which it
 * passes: a request by the route, then by the upstream; an answer by the upstream, then by the route. So whatever is nearer to the reader has the
 * last word, as with HAProxy's frontends and backends. Values are made once for a request, however many attempts there are.
 */
import {
  isConstant,
  removeFields,
  renderWrites,
  writeFields,
  type HeaderEdits,
  type RenderedWrite,
} from "../../../core/headers/edits.ts";
import type { Direction } from "../../../core/headers/owned.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import { writtenBy, type WritingOptions } from "../../config/sections/header-rules.ts";
import type { HeadersConfig } from "../../config/sections/headers.ts";
import { valuesFor } from "../request/request-facts.ts";
import type { Transaction } from "../transaction.ts";
import { refuse, type FilterMaker, type RequestVerdict } from "./filter.ts";

export const headersFilter: FilterMaker = ({ route, upstreams }) => {
  const options = { cors: route.cors !== undefined, hsts: route.https?.hsts !== undefined };
  const ofUpstreams = new Map(
    upstreams.flatMap((upstream) => {
      const { headers } = upstream.config;
      return headers === undefined ? [] : [[upstream, prepared(behind(headers, options))] as const];
    }),
  );
  if (route.headers === undefined && ofUpstreams.size === 0) return undefined;
  const ofRoute = route.headers && prepared(route.headers);
  const ofUpstream = ({ upstream }: { readonly upstream: ActiveUpstream }): Both | undefined =>
    ofUpstreams.get(upstream);
  return {
    name: "headers",
    onThrow: "refuse",
    onRequest: (tx) => {
      const steps = [ofRoute?.request, ofUpstreams.size > 0 ? ofUpstream(tx)?.request : undefined];
      return editRequest(
        tx,
        steps.filter((edits) => edits !== undefined),
      );
    },
    onSend: (tx, { headers, status, isOwn }) => {
      const edit = (edits: Prepared | undefined): void => {
        if (edits === undefined) return;
        if (!isOwn) removeFields(headers, edits.removed, "response");
        // What would be too long is left out: the answer is what the client has asked for.
        writeFields(headers, textsOf(tx, edits) ?? [], status);
      };
      if (!isOwn) edit(ofUpstream(tx)?.response);
      edit(ofRoute?.response);
    },
  };
};

/** The upstream's edits, without what an option of the route writes, which is nearer to the client. */
function behind({ request, response }: HeadersConfig, options: WritingOptions): HeadersConfig {
  const writes = response.writes.filter(({ name }) => writtenBy(name, false, options) === undefined);
  const removed = response.removed.filter(
    (removal) => !("name" in removal) || writtenBy(removal.name, true, options) === undefined,
  );
  return { request, response: { removed, writes } };
}

/** Edits, with their values where those are the same for every request. */
interface Prepared extends HeaderEdits {
  readonly texts: readonly RenderedWrite[] | undefined;
}

type Both = Readonly<Record<Direction, Prepared>>;

function prepared({ request, response }: HeadersConfig): Both {
  return { request: prepare(request), response: prepare(response) };
}

function prepare(edits: HeaderEdits): Prepared {
  const texts = isConstant(edits) ? renderWrites(edits.writes, () => undefined, Infinity) : undefined;
  return { ...edits, texts };
}

/** `undefined`: they are longer than a message's headers may be. */
function textsOf(tx: Transaction, { texts, writes }: Prepared): readonly RenderedWrite[] | undefined {
  return texts ?? renderWrites(writes, valuesFor(tx), tx.config.limits.headersBytes);
}

function editRequest(tx: Transaction, steps: readonly Prepared[]): RequestVerdict | undefined {
  for (const edits of steps) {
    if (edits.removed.length === 0 && edits.writes.length === 0) continue;
    const texts = textsOf(tx, edits);
    if (texts === undefined) return refuse({ kind: "headers-too-large" });
    tx.editOriginHeaders((headers) => {
      removeFields(headers, edits.removed, "request");
      writeFields(headers, texts);
    });
  }
  return undefined;
}
