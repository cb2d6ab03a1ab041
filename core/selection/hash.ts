/**
 * A fast, well-mixed hash of a key and a name to a fraction, for placing keys. Not for secrets: an attacker who
 * chooses keys can find collisions. Placement depends on it, so its values are pinned by a test: changing
 * them would move every client of every deployment.
 *
 * Key and name are hashed apart and then mixed, so that a pick among a thousand origins hashes one text.
 */

/** Two independent 32-bit hashes of one text. */
export interface TextHash {
  readonly high: number;
  readonly low: number;
}

/** FNV-1a's own. */
const highBasis = 0x811c9dc5;

/** Hashes a key or a name. */
export function hashText(text: string): TextHash {
  return { high: hashNumber(text), low: mix(fnv1a(text, 0x9747b28c)) };
}

/** A number of 32 bits that stands for a text: the high half of its hash, at half of the price. */
export function hashNumber(text: string): number {
  return mix(fnv1a(text, highBasis));
}

/** The first 26 bits of `fraction`, as a number in [0, 1): it lies less than 2⁻²⁶ above. */
export function roughFraction(key: TextHash, name: TextHash): number {
  return highBits(key, name) / 0x400_0000;
}

/** The key and the name to a number in (0, 1), never 0 nor 1, with 52 bits of it in use. */
export function fraction(key: TextHash, name: TextHash): number {
  const low = mix(Math.imul(key.low, 0x9e3779b1) ^ name.low) >>> 6;
  return (highBits(key, name) * 0x400_0000 + low + 0.5) / 0x10_0000_0000_0000;
}

function highBits(key: TextHash, name: TextHash): number {
  return mix(Math.imul(key.high, 0x9e3779b1) ^ name.high) >>> 6;
}

/** MurmurHash3's 32-bit finaliser (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a (Fowler, Noll, Vo) over UTF-16 units, from the given basis. */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
