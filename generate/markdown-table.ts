/** A table in Markdown. */

/** The rows as a table, with a column for each key of which some row says something. */
export function markdownTable(rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => rows.some((row) => row[column] !== ""));
  const cellsOf = (row: Readonly<Record<string, string>>) =>
    columns.map((column) => (row[column] ?? "").replaceAll("|", String.raw`\|`));
  const lines = [columns, columns.map(() => "---"), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
