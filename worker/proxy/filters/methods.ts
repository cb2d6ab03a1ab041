/** `methods` of a route: a request with another method is answered 405 (RFC 9110 §15.5.6). */
import { refuse, type FilterMaker } from "./filter.ts";

export const methodsFilter: FilterMaker = ({ route: { methods } }) =>
  methods && {
    name: "methods",
    onThrow: "refuse",
    onRequest: ({ method }) =>
      methods.includes(method) ? undefined : refuse({ kind: "method-not-allowed", allowed: methods }),
  };
