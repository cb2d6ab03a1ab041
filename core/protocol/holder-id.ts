/** The names of holders: isolates, and regions' objects with their incarnation. */

/** An isolate, or a region's object with its incarnation (`regionHolder`). */
export type HolderId = string;

/** What the region's object is called as a holder. A new incarnation takes the place of those before it. */
export function regionHolder(region: string, epoch: number): HolderId {
  return `@${region}/${epoch}`;
}

/** What all incarnations of a region's object have in common; `undefined` for an isolate. */
export function regionOf(holder: HolderId): string | undefined {
  return holder.startsWith("@") ? holder.slice(0, holder.lastIndexOf("/")) : undefined;
}
