/** Whether one client is the only one that there was. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { isAloneIn, joinedBy, type Company } from "../../../../core/clients/company.ts";

const after = (requests: readonly (number | undefined)[]): Company =>
  requests.reduce<Company>(joinedBy, undefined);

test("a client is alone as long as every request was its own, and every request's client is known", () => {
  const requests = fc.array(fc.option(fc.nat(1), { nil: undefined }), { maxLength: 6 });
  fc.assert(
    fc.property(requests, (clients) => {
      expect(isAloneIn(after(clients), 1)).toBe(clients.every((client) => client === 1));
    }),
  );
});
