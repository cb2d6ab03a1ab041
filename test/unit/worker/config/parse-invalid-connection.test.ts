/** What `parseConfig` refuses of the connections to an origin. */
import { describe } from "vitest";
import { withOrigin } from "./example-config.ts";
import { origin, refuses } from "./refusals.ts";

describe("the connections to an origin", () => {
  const opened =
    '"auto" or "reuse", or a way on which connections can be opened: via: "fetch", or { binding: "NAME", kind: "vpc-network" }';
  refuses("connections that the way cannot open", withOrigin, origin, [
    [{ connection: "each", via: { binding: "VPC" } }, ".connection", '"each"', opened],
    [{ connection: "each", via: { binding: "VPC", kind: "worker" } }, ".connection", '"each"', opened],
    [{ connection: "each", via: { binding: "CERT", kind: "mtls" } }, ".connection", '"each"', opened],
    [{ connection: "new" }, ".connection", '"new"', 'one of "auto", "each", "reuse"'],
  ]);
});
