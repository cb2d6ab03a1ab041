/**
 * A status line's reason as the runtime takes it for an answer of ours. RFC 9112 §4 allows tabs in it, and the runtime's parser lets
 * them in; but its `Response` throws on them, and then the client would get the runtime's bare 500 in the answer's place.
 */
export function sendableReason(reason: string): string {
  return reason.includes("\t") ? reason.replaceAll("\t", " ") : reason;
}
