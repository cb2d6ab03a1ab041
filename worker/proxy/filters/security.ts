/** `security` of a route: the headers by which browsers guard their users (`core/headers/security.ts`). */
import { secure } from "../../../core/headers/security.ts";
import type { FilterMaker } from "./filter.ts";

export const securityFilter: FilterMaker = ({ route: { security } }) =>
  security && {
    name: "security",
    onThrow: "skip",
    onSend: (_, { headers, isOwn }) => secure(headers, security, isOwn),
  };
