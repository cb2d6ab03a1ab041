export type BodyEnd = "complete" | "cut-by-origin" | "client-gone";
export function trackBodyEnd(r: Response): { body: ReadableStream | null; ended: Promise<BodyEnd> | undefined } {
  const l = r.headers.get("content-length");
  if (r.body === null || (l !== null && Number(l) <= 16384)) return { body: r.body, ended: undefined };
  const t = new IdentityTransformStream(); const ended = r.body.pipeTo(t.writable).then(() => "complete" as const, () => "client-gone" as const);
  return { body: t.readable, ended };
}
