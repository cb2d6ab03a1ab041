/**
 * The ways in which an origin can be broken on purpose while it runs. Being dead is not among them: that is a
 * phase of its life (`kill`, `boot`), not a way of answering.
 */
export type Fault =
  | { readonly kind: "none" }
  /** Service that starts from now on takes `factor` times as long. */
  | { readonly kind: "slow"; readonly factor: number }
  /** Every answer has this status, after the usual service time; health checks too. */
  | { readonly kind: "status"; readonly status: number }
  /** Nothing is answered, whatever is in service included: every thread ends up blocked. */
  | { readonly kind: "hang" }
  /** Each new request's connection is reset. */
  | { readonly kind: "refuse" }
  /** An answer breaks off in the middle of its body. */
  | { readonly kind: "cut-body" };

export const noFault: Fault = { kind: "none" };

export type ParsedFault =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problem: string };

const slowest = 1000;

const accepted = [
  '{"kind":"none"}',
  `{"kind":"slow","factor":F} with F from 1 to ${slowest}`,
  '{"kind":"status","status":S} with S from 400 to 599',
  '{"kind":"hang"}',
  '{"kind":"refuse"}',
  '{"kind":"cut-body"}',
].join(", ");

/** Reads a fault from what an operator sent. The problem says what was found and what is accepted. */
export function parseFault(value: unknown): ParsedFault {
  if (typeof value !== "object" || value === null) return problem(excerpt(value));
  const fields = new Map<string, unknown>(Object.entries(value));
  const kind = fields.get("kind");
  switch (kind) {
    case "none":
    case "hang":
    case "refuse":
    case "cut-body":
      return parsed({ kind }, fields);
    case "slow": {
      const factor = fields.get("factor");
      return isWithin(factor, 1, slowest)
        ? parsed({ kind, factor }, fields)
        : problem(`factor ${excerpt(factor)}`);
    }
    case "status": {
      const status = fields.get("status");
      return isWithin(status, 400, 599) && Number.isInteger(status)
        ? parsed({ kind, status }, fields)
        : problem(`status ${excerpt(status)}`);
    }
    default:
      return problem(`kind ${excerpt(kind)}`);
  }
}

/** The fault, unless there were fields that mean nothing to it: a typing error must not go unnoticed. */
function parsed(fault: Fault, fields: ReadonlyMap<string, unknown>): ParsedFault {
  const unknown = [...fields.keys()].find((field) => !(field in fault));
  return unknown === undefined ? { ok: true, fault } : problem(`the unknown field ${excerpt(unknown)}`);
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

function problem(found: string): ParsedFault {
  return { ok: false, problem: `not a fault: found ${found}; expected one of ${accepted}` };
}

function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}
