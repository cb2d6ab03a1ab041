/** A route's filters by phase: what the pipeline runs. A phase that no filter has costs nothing. */
import type { RouteFilter } from "./filter.ts";

export interface RouteFilters {
  /** Those with `onRequest`, and those with `onEnd`, which are told of a request that got as far as they stand here. */
  readonly onRequest: readonly RouteFilter[];
  readonly onReady: readonly RouteFilter[];
  readonly onRefusal: readonly RouteFilter[];
  readonly onResponse: readonly RouteFilter[];
  readonly onSend: readonly RouteFilter[];
  readonly hasEnd: boolean;
}

/** The filters by phase, in their order. */
export function inPhases(filters: readonly RouteFilter[]): RouteFilters {
  return {
    onRequest: filters.filter(({ onRequest, onEnd }) => onRequest !== undefined || onEnd !== undefined),
    onReady: filters.filter(({ onReady }) => onReady !== undefined),
    onRefusal: filters.filter(({ onRefusal }) => onRefusal !== undefined),
    onResponse: filters.filter(({ onResponse }) => onResponse !== undefined),
    onSend: filters.filter(({ onSend }) => onSend !== undefined),
    hasEnd: filters.some(({ onEnd }) => onEnd !== undefined),
  };
}
