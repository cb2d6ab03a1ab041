/**
 * A fast, well-mixed hash of a string to a fraction, for placing keys. Not for secrets: an attacker who
 * chooses keys can find collisions. Placement depends on it, so its values are pinned by a test: changing
 * them would move every client of every deployment.
 */

/** MurmurHash3's 32-bit finaliser (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a (Fowler, Noll, Vo) over UTF-16 units, from the given basis. */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The key and the name to a number in (0, 1), never 0 nor 1, with 52 bits of it in use. */
export function hashToFraction(key: string, name: string): number {
  const text = `${key}\u0000${name}`;
  const high = mix(fnv1a(text, 0x811c9dc5)) >>> 6;
  const low = mix(fnv1a(text, 0x9747b28c)) >>> 6;
  return (high * 0x400_0000 + low + 0.5) / 0x10_0000_0000_0000;
}
