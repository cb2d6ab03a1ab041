/**
 * Messages of HTTP/1.1 read from their bytes (RFC 9112), and read strictly: a reader that forgives would not see what a
 * proxy gets wrong. What is sent next on the same connection is left for the next call.
 */
export interface Message {
  /** The request line, or the status line. */
  readonly line: string;
  /** In their order; names in lower case, bytes above 0x7F as Latin-1. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly framing: "none" | "length" | "chunked" | "close";
  /** How long it is, head and body. */
  readonly bytes: number;
}

export interface Reading {
  /** The answer to this method; absent: it is a request. */
  readonly answers?: string;
  /** Nothing more will come. */
  readonly ended?: boolean;
}

/** The message at the beginning of the bytes; `undefined` if not all of it has come. Throws at what is no message. */
export function readMessage(data: Buffer, reading: Reading = {}): Message | undefined {
  const headEnd = data.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [line = "", ...lines] = data.subarray(0, headEnd).toString("latin1").split("\r\n");
  const fields = lines.map(readField);
  const start = headEnd + 4;
  const whole = (framing: Message["framing"], body: Buffer, end: number): Message => ({
    line,
    fields,
    body,
    framing,
    bytes: end,
  });
  const framing = framingOf(line, fields, reading);
  switch (framing) {
    case "none":
      return whole(framing, Buffer.alloc(0), start);
    case "length": {
      const end = start + lengthOf(fields);
      return data.length < end ? undefined : whole(framing, data.subarray(start, end), end);
    }
    case "chunked": {
      const chunks = readChunks(data, start);
      return chunks === undefined ? undefined : whole(framing, chunks.body, chunks.end);
    }
    case "close":
      return reading.ended === true ? whole(framing, data.subarray(start), data.length) : undefined;
  }
}

/** What the fields of a name say, in their order. */
export function valuesOf({ fields }: Pick<Message, "fields">, name: string): string[] {
  return fields.flatMap(([known, value]) => (known === name ? [value] : []));
}

/** The status of an answer. */
export function statusOf({ line }: Pick<Message, "line">): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
}

function readField(line: string): [string, string] {
  const parts = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
  if (parts === null) throw new Error(`no field: ${JSON.stringify(line)}`);
  const [, name = "", value = ""] = parts;
  return [name.toLowerCase(), value];
}

/** RFC 9112 §6.3. */
function framingOf(line: string, fields: Message["fields"], { answers }: Reading): Message["framing"] {
  const coding = valuesOf({ fields }, "transfer-encoding");
  const lengths = valuesOf({ fields }, "content-length");
  if (coding.length > 0 && lengths.length > 0) throw new Error(`chunked, and a length: ${line}`);
  if (answers !== undefined) {
    const status = statusOf({ line });
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(line)}`);
    if (answers === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
  }
  if (coding.length > 0) {
    if (coding.join() !== "chunked") throw new Error(`Transfer-Encoding: ${coding.join()}`);
    return "chunked";
  }
  if (lengths.length > 0) return "length";
  return answers === undefined ? "none" : "close";
}

function lengthOf(fields: Message["fields"]): number {
  const [length = "", ...others] = valuesOf({ fields }, "content-length");
  if (others.length > 0 || !/^\d+$/.test(length))
    throw new Error(`Content-Length: ${length} ${others.join()}`);
  return Number(length);
}

function readChunks(
  data: Buffer,
  start: number,
): { readonly body: Buffer; readonly end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = data.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = data.toString("latin1", at, lineEnd);
    if (!/^[\da-f]{1,8}$/i.test(size)) throw new Error(`no size of a chunk: ${JSON.stringify(size)}`);
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size, 16);
    if (data.length < to + 2) return undefined;
    if (data.toString("latin1", to, to + 2) !== "\r\n")
      throw new Error("a chunk that does not end, or trailers");
    if (to === from) return { body: Buffer.concat(chunks), end: to + 2 };
    chunks.push(data.subarray(from, to));
    at = to + 2;
  }
}
