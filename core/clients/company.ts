/**
 * Whose requests there have been in a while: one client's, or those of more than one. One word is kept, and no table: which others there were does
 * not matter.
 */

/** `undefined`: nobody's; a number: this client's alone; `"several"`: of more than one client, or of one that is not known. */
export type Company = number | "several" | undefined;

/** A request of this client more; absent: it is not known whose. */
export const joinedBy = (company: Company, client: number | undefined): Company =>
  client === undefined || (company !== undefined && company !== client) ? "several" : client;

/** Whether there was no other client than this one. */
export const isAloneIn = (company: Company, client: number): boolean =>
  company === undefined || company === client;
