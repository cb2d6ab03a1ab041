/** Processor sharing, by hand. */
import { describe, expect, test } from "vitest";
import { Attempts } from "../../../sim/engine/attempts.ts";
import { SharingServer } from "../../../sim/servers/sharing-server.ts";

/** A server, and when each attempt ended on it. */
function serverOf(cores: number, speed = 1) {
  const attempts = new Attempts();
  const ended = new Map<number, number>();
  let now = 0;
  const server: SharingServer = new SharingServer({ cores, speed }, attempts, (attempt, answered) => {
    ended.set(attempt, answered ? now : NaN);
    attempts.end(attempt);
  });
  const until = (time: number): void => {
    for (; server.dueAt <= time; server.advance(now)) now = server.dueAt;
    now = time;
    expect(server.check()).toBeUndefined();
  };
  const arrive = (time: number, workMs: number): number => {
    until(time);
    const attempt = attempts.begin(0, 0, workMs);
    expect(server.arrive(attempt, time)).toBe(true);
    return attempt;
  };
  return { server, ended, arrive, until, attempts };
}

describe("a server that shares its cores", () => {
  test("gives each request a core of its own while there are enough", () => {
    const { arrive, ended, until } = serverOf(2);
    const [one, other] = [arrive(0, 10), arrive(4, 10)];
    until(100);
    expect([ended.get(one), ended.get(other)]).toEqual([10, 14]);
  });

  test("slows all of them down alike when there are not", () => {
    const { arrive, ended, until } = serverOf(1);
    const [long, short] = [arrive(0, 10), arrive(4, 2)];
    until(100);
    // From 4 on each proceeds at half speed: 2 ms of work take until 8. The other then has 4 ms left.
    expect([ended.get(short), ended.get(long)]).toEqual([8, 12]);
  });

  test("is faster or slower by its speed, its neighbours and its faults, from the moment on", () => {
    const { arrive, ended, until, server } = serverOf(1, 2);
    const one = arrive(0, 40);
    until(5);
    server.slowDown(4, 5);
    until(15);
    server.slowDown(1, 15);
    server.setCap(0.5, 15);
    until(100);
    // 10 ms of work by 5, 5 more by 15, the other 25 at a rate of 1.
    expect(ended.get(one)).toBe(40);
  });

  test("takes what was cancelled off its cores", () => {
    const { arrive, ended, until, server, attempts } = serverOf(1);
    const [first, second] = [arrive(0, 4), arrive(0, 20)];
    until(4);
    server.cancel(first, 4);
    attempts.end(first);
    until(100);
    // 2 ms of work by 4, and then all of the core.
    expect([ended.get(first), ended.get(second)]).toEqual([undefined, 22]);
  });

  test("notices when requests end that have not received their work", () => {
    const { arrive, server, attempts } = serverOf(1);
    const attempt = arrive(0, 10);
    attempts.workMs[attempt] = 20;
    server.advance(server.dueAt);
    expect(server.check()).toMatch(/the cores have given 10 ms of work, and requests have received 20 ms/);
  });

  test("loses everything when it dies, and takes nothing until it has started again", () => {
    const { arrive, ended, until, server, attempts } = serverOf(1);
    const lost = arrive(0, 10);
    until(5);
    server.kill(5);
    expect(ended.get(lost)).toBeNaN();
    server.boot(10, 20);
    expect(server.arrive(attempts.begin(0, 0, 1), 29)).toBe(false);
    expect(server.arrive(attempts.begin(0, 0, 1), 30)).toBe(true);
  });
});
