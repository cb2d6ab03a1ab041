/** One JSON line per event on standard output, where Workers Logs and `weir start` find it. */
export function logEvent(event: { readonly event: string } & Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(event));
}
