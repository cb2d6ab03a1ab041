/** `ambiguousPaths` of a route: a path that origins could take for another route's is refused, before anything is said of the route. */
import { refuse, type FilterMaker } from "./filter.ts";

export const ambiguousPathsFilter: FilterMaker = ({ route }) =>
  route.ambiguousPaths === "keep"
    ? undefined
    : {
        name: "ambiguousPaths",
        onThrow: "refuse",
        onRequest: ({ isAmbiguous }) => (isAmbiguous ? refuse({ kind: "ambiguous-path" }) : undefined),
      };
