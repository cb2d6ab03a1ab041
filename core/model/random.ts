/**
 * Chance as an argument. Production passes a generator seeded by the platform's randomness, tests and the
 * simulator one seeded by a number, so that every run can be replayed.
 */
export interface Random {
  /** A number in [0, 1), uniformly distributed. */
  next(): number;
}

/**
 * A deterministic generator: sfc32 (Chris Doty-Humphrey's PractRand), 128 bits of state, seeded from one number.
 * Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88;
  let c = 0xb7e15162 ^ Math.floor(seed / 0x1_0000_0000);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round++) next();
  return { next };
}
