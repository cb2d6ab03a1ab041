/**
 * Whatever is made meanwhile is its owner's alone, with all that a process started meanwhile makes: the objects' storage holds the
 * config as it is written, and may be copied out of its directory with its modes.
 */
export function forOwnerOnly<Made>(make: () => Made): Made {
  const before = process.umask(0o077);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}
