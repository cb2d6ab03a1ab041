/** What may be sent to an end when it is not known whether it reads. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";

import { isolateBytes, readBytesPerMs, socketBytes, UnreadBytes } from "../../../../core/websocket/unread.ts";

function opened(book: UnreadBytes) {
  const cut = vi.fn<() => void>();
  return { cut, line: book.open(cut, 0) };
}

test("a stream of a megabyte a second is never cut, however long it lasts", () => {
  const { cut, line } = opened(new UnreadBytes());
  for (let ms = 0; ms < 86_400_000; ms += 10_000) line.sent(10_000 * readBytesPerMs, ms);
  expect(cut).not.toHaveBeenCalled();
});

test("an end that is sent more at once than the bound is cut, once", () => {
  const { cut, line } = opened(new UnreadBytes());
  line.sent(socketBytes, 0);
  expect(cut).not.toHaveBeenCalled();
  line.sent(1, 0);
  line.sent(socketBytes, 0);
  expect(cut).toHaveBeenCalledOnce();
});

test("beyond the isolate's bound those that owe much are cut, and those that owe little go on", () => {
  const book = new UnreadBytes();
  const small = Array.from({ length: 10 }, () => opened(book));
  const large = [opened(book), opened(book), opened(book)];
  for (const { line } of large) line.sent(0.4 * isolateBytes, 0);
  for (const { line } of small) line.sent(1_000, 0);
  expect(large.map(({ cut }) => cut.mock.calls.length)).toEqual([0, 0, 1]);
  expect(small.some(({ cut }) => cut.mock.calls.length > 0)).toBe(false);
});

test("what is over owes nothing", () => {
  const book = new UnreadBytes();
  for (let ends = 0; ends < 10; ends++) {
    const { cut, line } = opened(book);
    line.sent(socketBytes, 0);
    expect(cut).not.toHaveBeenCalled();
    line.close();
  }
});

test("all ends together never owe more than the bound and a message for each", () => {
  const most = 1_048_576;
  const step = fc.tuple(fc.nat(9), fc.nat(most), fc.nat(20));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const book = new UnreadBytes();
      const owed = Array.from({ length: 10 }, () => 0);
      const lines = owed.map((_, end) => book.open(() => (owed[end] = 0), 0));
      const closed = new Set<number>();
      let now = 0;
      for (const [end, bytes, ms] of steps) {
        now += ms;
        for (const one of owed.keys()) owed[one] = Math.max(0, (owed[one] ?? 0) - ms * readBytesPerMs);
        if (closed.has(end)) continue;
        owed[end] = (owed[end] ?? 0) + 16 * bytes;
        lines[end]?.sent(16 * bytes, now);
        if (owed[end] === 0 && bytes > 0) closed.add(end);
        expect(owed.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(isolateBytes + 10 * 16 * most);
      }
    }),
  );
});
