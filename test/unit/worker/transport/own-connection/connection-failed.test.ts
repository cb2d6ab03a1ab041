/** A failure that a connection of the request's own knows of itself. */
import { expect, test } from "vitest";

import {
  ConnectionFailed,
  malformed,
  type ConnectionFailure,
} from "../../../../../worker/transport/own-connection/connection-failed.ts";
import { classifyThrown } from "../../../../../worker/transport/failure.ts";

test("is passed on by the classifier as it is, and legible in the log", () => {
  const failure: ConnectionFailure = {
    kind: "refused",
    sent: "no",
    untouched: true,
    detail: "no connection",
  };
  const error = new ConnectionFailed(failure);
  expect(classifyThrown(error)).toBe(failure);
  expect(String(error)).toBe("ConnectionFailed: refused: no connection");
});

test("of an answer that is none may be of a request that was carried out", () => {
  expect(classifyThrown(malformed("two lengths"))).toEqual({
    kind: "malformed",
    sent: "maybe",
    detail: "two lengths",
  });
});
