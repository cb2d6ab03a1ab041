/**
 * How long tests wait for what must come, but need not come soon: long enough for a machine that is busy with something else. A test
 * that waits so long fails; where it is part of a promise how soon something comes, the test states that bound itself.
 */
export const patienceMs = 120_000;

/**
 * For what must come at once, on such a machine, too. It is less than the times that end a request (15 s without headers, 60 s as a
 * whole): what only they bring about has not come.
 */
export const soonMs = 14_000;
