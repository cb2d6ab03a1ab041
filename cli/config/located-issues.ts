/** Issues of a config with their places in its file. */
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { shownPlace, type FindPlace } from "./file-place.ts";

export interface LocatedIssue extends ConfigIssue {
  /** `shop.json:12:9`; absent where the file's text does not show the place. */
  readonly at?: string;
}

export function locatedIssues(
  issues: readonly ConfigIssue[],
  file: string,
  find: FindPlace,
): readonly LocatedIssue[] {
  return issues.map((issue) => {
    const place = issue.place && find(issue.place, issue.isKey === true);
    return place === undefined ? issue : Object.assign({ at: shownPlace(file, place) }, issue);
  });
}
