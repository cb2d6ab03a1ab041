/** Text broken into lines at its spaces. Pure. */

/**
 * `lead` and `text` in lines of at most `width` columns, continued below the text's first letter. A word that is
 * longer has a line of its own, whole: it may be a path or a URL that the reader wants to copy.
 */
export function wrapped(lead: string, text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && lead.length + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line]
    .map((line, index) => (index === 0 ? lead : " ".repeat(lead.length)) + line)
    .join("\n");
}
