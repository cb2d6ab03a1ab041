/** What `weir drain`, `weir up` and `weir maintenance` end with, so that a script can tell what happened (docs/api.md). */
export const exitCodes = {
  done: 0,
  notInTime: 2,
  noAnswer: 3,
  notAdmitted: 4,
  noOrigin: 5,
  noRoute: 5,
} as const;
