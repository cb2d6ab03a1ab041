/**
 * Any character of Unicode, control characters and those of ASCII often. As `unit: "binary"` of `fc.string`, but without the table of all
 * 1,112,064 characters that fast-check makes for that, which takes longer than the tests that use it.
 */
import fc from "fast-check";

const codePoints = fc.oneof(
  fc.integer({ min: 0, max: 0xff }),
  fc.integer({ min: 0x100, max: 0xd7ff }),
  // Between them are the halves of pairs, which are no characters.
  fc.integer({ min: 0xe000, max: 0x10ffff }),
);

export const anyCharacter = codePoints.map((codePoint) => String.fromCodePoint(codePoint));
