/** The tables of events in docs/logs.md, made of types and their comments. */
import { expect, test } from "vitest";
import { withEventTables } from "../../../generate/event-tables.ts";
import { eventTypesIn } from "../../../generate/event-types.ts";

const source = `
/** Of a tea. */
interface OfTea {
  /** the tea's name */
  readonly tea: string;
}

/** What was noted meanwhile. */
interface Note {
  readonly event: "poured";
  /** by a clock */
  readonly startedMs: number;
  /** of \`cups\` | \`pots\` */
  count?: number | undefined;
}

/** tea was poured */
export interface PouredEvent extends OfTea, Omit<Note, "startedMs"> {
  readonly startedMs?: undefined;
  /**
   * for how long; it is
   * never short
   */
  readonly forMs:
    | number
    | string;
}

/** a cup broke. Sweep it up */
export interface BrokenEvent extends OfTea {
  readonly event: "broken";
  /** which one */
  readonly cup: string;
}
`;

const page = `# Log

<!-- event: poured -->
| an | old | table |
<!-- end -->

<!-- events: broken -->
<!-- end -->
`;

test("a table has the fields of its event, those of the interfaces that it extends first, without the fields that it omits", () => {
  expect(withEventTables(page, eventTypesIn([source]))).toBe(`# Log

<!-- event: poured -->

| field | in each line | what it is |
| --- | --- | --- |
| \`tea\` | yes | the tea's name |
| \`count\` |  | of \`cups\` \\| \`pots\` |
| \`forMs\` | yes | for how long; it is never short |

<!-- end -->

<!-- events: broken -->

| event | meaning | fields |
| --- | --- | --- |
| \`broken\` | a cup broke. Sweep it up | \`tea\`: the tea's name; \`cup\`: which one |

<!-- end -->
`);
});

test("an event that the page does not have is an error, as is one that there is not", () => {
  const events = eventTypesIn([source]);
  expect(() => withEventTables(page.replace("broken", "burnt"), events)).toThrow(/table for burnt/);
  expect(() => withEventTables(page.replace("<!-- events: broken -->", ""), events)).toThrow(
    /no table for broken/,
  );
});

test("a table without an end is an error, and not the end of the page", () => {
  const broken = page.replace("<!-- end -->", "");
  expect(() => withEventTables(broken, eventTypesIn([source]))).toThrow(/poured has no end/);
});

test("a field without a comment is an error: it would be in the log, and the docs would not say what it is", () => {
  const bare = source.replace("/** which one */", "");
  expect(() => eventTypesIn([bare])).toThrow("no comment says what cup of the event broken is");
});
