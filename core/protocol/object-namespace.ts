/**
 * How objects are found: by name. Of Cloudflare's `DurableObjectNamespace` it is what Weir uses, with an object's own interface, so that
 * its clients need no class, and a test can stand in for the object.
 */

/** The location hints of Durable Objects; spelt out, so that a config can be parsed where Workers' types are not. */
export const locationHints = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const;
export type LocationHint = (typeof locationHints)[number];

/** Where an object is to live when it is made, and whether the platform repeats a call that failed. */
export interface ObjectOptions {
  readonly locationHint?: LocationHint;
  readonly retry?: { readonly maxRetries: number };
}

/** Objects do not move after they are created: every `get` says where, so that the first one decides rightly. */
export function placedAt(location: LocationHint | undefined): ObjectOptions {
  return location === undefined ? {} : { locationHint: location };
}

/** What a method of an object returns: its caller always gets a promise, and the object need not make one. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** An object as its callers see it: every method returns a promise. */
export type Remote<Interface> = {
  [Name in keyof Interface]: Interface[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export interface ObjectNamespace<Interface> {
  /** A new stub. None can be used again after it has failed, nor by another request. */
  getByName(name: string, options?: ObjectOptions): Remote<Interface>;
}
