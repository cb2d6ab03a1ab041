/**
 * Which of an upstream's regions an isolate belongs to: the nearest, as the crow flies, to where Cloudflare says that
 * the request came in. An isolate lives in one place, so one answer is good for its whole life.
 */
import type { LocationHint } from "../../core/protocol/object-namespace.ts";

/** Degrees of latitude and longitude. */
type Coordinates = readonly [latitude: number, longitude: number];

/** The middle of each region's larger cities; where Cloudflare's hints point to (docs: data location). */
const places: Readonly<Record<LocationHint, Coordinates>> = {
  wnam: [37, -120],
  enam: [40, -77],
  sam: [-23, -47],
  weur: [50, 5],
  eeur: [51, 20],
  apac: [20, 115],
  "apac-ne": [36, 138],
  "apac-se": [3, 103],
  oc: [-34, 150],
  afr: [-15, 27],
  me: [25, 52],
};

/** Where a client is of which only the continent is known. */
const continents: Readonly<Record<string, Coordinates>> = {
  AF: places.afr,
  AN: [-75, 0],
  AS: places.apac,
  EU: places.weur,
  NA: places.enam,
  OC: places.oc,
  SA: places.sam,
};

/** What Cloudflare says of a request's place; nothing of it where Weir runs elsewhere. */
export interface Whereabouts {
  readonly [fact: string]: unknown;
}

/** The nearest of the regions; the first, if nothing is known of the place; `undefined` if there are no regions. */
export function nearestRegion(
  regions: readonly LocationHint[],
  whereabouts: Whereabouts,
): LocationHint | undefined {
  const here = placeOf(whereabouts);
  if (here === undefined) return regions[0];
  let nearest: LocationHint | undefined;
  let least = Infinity;
  for (const region of regions) {
    const distance = distanceBetween(here, places[region]);
    if (distance >= least) continue;
    nearest = region;
    least = distance;
  }
  return nearest;
}

function placeOf({ latitude, longitude, continent }: Whereabouts): Coordinates | undefined {
  const [north, east] = [toDegrees(latitude), toDegrees(longitude)];
  if (north !== undefined && east !== undefined) return [north, east];
  return typeof continent === "string" ? continents[continent] : undefined;
}

function toDegrees(value: unknown): number | undefined {
  const degrees = typeof value === "string" && value !== "" ? Number(value) : NaN;
  return Number.isFinite(degrees) ? degrees : undefined;
}

/** The angle between them, by the haversine formula: in no unit that matters here. */
function distanceBetween([north, east]: Coordinates, [otherNorth, otherEast]: Coordinates): number {
  return halfChord(north, otherNorth) + cosine(north) * cosine(otherNorth) * halfChord(east, otherEast);
}

const radians = Math.PI / 180;

function cosine(degrees: number): number {
  return Math.cos(degrees * radians);
}

function halfChord(from: number, to: number): number {
  return Math.sin(((to - from) / 2) * radians) ** 2;
}
