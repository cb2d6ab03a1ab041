export type PreparedBody = { kind: "none" } | { kind: "buffered"; bytes: Uint8Array<ArrayBuffer> } | { kind: "stream"; stream: ReadableStream } | { kind: "broken" };
export async function prepareBody(request: Request): Promise<PreparedBody> {
  if (request.body === null) return { kind: "none" };
  if (Number(request.headers.get("content-length") ?? Infinity) > 65536) return { kind: "stream", stream: request.body };
  return { kind: "buffered", bytes: new Uint8Array(await request.arrayBuffer()) };
}
