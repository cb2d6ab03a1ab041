/** `headers` of a route and of an upstream: what is set, completed, added and taken off, on the way to origins and to clients. */
import { defaultStatuses, type HeaderEdits, type Removal } from "../../../core/headers/edits.ts";
import { list } from "../kinds/fields.ts";
import { answerHeaders, removedName, requestHeaders, type HeaderValue } from "../kinds/header-edit.ts";
import { present } from "../present.ts";
import { option, ruled, section, type ValuesOf } from "../section.ts";
import { headerRules, hows, type HeaderEditValues } from "./header-rules.ts";

const removed = list(removedName, 0, 64, "names");

const requestOptions = section("WeirRequestHeaders", {
  /** Headers that origins get in place of the client's, with [variables](#headers-set-add-and-hide-headers): `{ "X-Tenant": "${arg.tenant}" }`. An empty value takes the header off. */
  set: option(requestHeaders, {}),
  /** … where the client sends none. */
  default: option(requestHeaders, {}),
  /** … beside what the client sends. */
  add: option(requestHeaders, {}),
  /** Headers that origins do not get: names, or `"X-Internal-*"`. */
  remove: option(removed, []),
});

const answerOptions = section("WeirResponseHeaders", {
  /** Headers that clients get in place of the origin's: a value, a list of values, or `{ value, statuses }`, with [variables](#headers-set-add-and-hide-headers) of the request. An empty value takes the header off. */
  set: option(answerHeaders, {}),
  /** … where the answer has none. */
  default: option(answerHeaders, {}),
  /** … beside what the answer has. */
  add: option(answerHeaders, {}),
  /** Headers of origins that clients do not get: names, or `"X-Internal-*"`. */
  remove: option(removed, []),
});

const request = ruled(requestOptions, headerRules("request"));
const response = ruled(answerOptions, headerRules("response"));

export const headers = section("WeirHeaders", {
  /** What origins get. */
  request: option(request, {}),
  /** What clients get. */
  response: option(response, {}),
});

export type HeadersValues = ValuesOf<typeof headers>;

/** Names in lower case where they are only looked up. */
export interface HeadersConfig {
  readonly request: HeaderEdits;
  readonly response: HeaderEdits;
}

export function compileHeaders({ request, response }: HeadersValues): HeadersConfig {
  return {
    request: compileEdits(request, () => undefined),
    response: compileEdits(response, defaultStatuses),
  };
}

function compileEdits(
  values: HeaderEditValues,
  statusesOf: (name: string) => HeaderValue["statuses"],
): HeaderEdits {
  return {
    removed: values.remove.map(compileRemoval),
    writes: hows.flatMap((how) =>
      Object.entries(values[how]).map(([name, { values: templates, statuses = statusesOf(name) }]) =>
        present({ name, how, values: templates, statuses }),
      ),
    ),
  };
}

function compileRemoval(written: string): Removal {
  const name = written.toLowerCase();
  return name.endsWith("*") ? { prefix: name.slice(0, -1) } : { name };
}
