/** The contract of all policies, for those that have no file of their own, or need no more than it. */
import { describeContract } from "./contract.ts";

describeContract({ name: "adaptive" }, { shares: "when open", keys: "ignored" });
describeContract(
  { name: "least_time", by: "header", inflight: false },
  { shares: "when open", keys: "ignored" },
);
describeContract(
  { name: "least_time", by: "last_byte", inflight: true },
  { shares: "when open", keys: "ignored" },
);
describeContract({ name: "peak_ewma" }, { shares: "when open", keys: "ignored" });
describeContract(
  { name: "hash", key: { from: "path" }, bounded: false },
  { shares: "by chance", keys: "kept" },
);
describeContract(
  { name: "hash", key: { from: "path" }, bounded: true },
  { shares: "by chance", keys: "kept" },
);
describeContract({ name: "first" }, { shares: "none", keys: "ignored" });
