/** Tables of the terminal output: two spaces between columns, a line below the head, and no frame. */
import Table from "cli-table3";

/** A table with this head. `leading`: how many columns, from the left, hold words; the others hold numbers. */
export function framelessTable(head: readonly string[], leading = 1): Table.Table {
  return new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index < leading ? "left" : "right")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: {
      middle: "  ",
      mid: "─",
      "mid-mid": "──",
      ...emptied("top", "top-left", "top-mid", "top-right", "left", "left-mid"),
      ...emptied("bottom", "bottom-left", "bottom-mid", "bottom-right", "right", "right-mid"),
    },
  });
}

function emptied(...chars: readonly string[]): Readonly<Record<string, "">> {
  return Object.fromEntries(chars.map((char) => [char, ""]));
}
