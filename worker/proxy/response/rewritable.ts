/**
 * Which fields can be written again. The runtime reads values as UTF-8 and has U+FFFD for bytes that are none, but a copy of `Headers`
 * keeps them (RFC 9110 §5.5: values may have any bytes above 0x7F). So a value with such bytes is left as it came: what it loses by
 * being written again cannot be had back.
 */

/** In place of bytes that are no UTF-8. */
const lost = "\uFFFD";

/** Whether the value has all of its bytes. One that has U+FFFD of its own does not look so. */
export function canBeRewritten(value: string): boolean {
  return !value.includes(lost);
}
