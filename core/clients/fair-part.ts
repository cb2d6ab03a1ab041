/**
 * Which part of a common budget one client may have, beside others. A client may take more as long as it has had less than is left for all. So a client
 * that is alone gets half of the budget, and nobody is held to anything while more than half is left; n clients that want all they can get
 * have 1/(n + 1) of it each; and there is always something left for a client that has had nothing. From Choudhury and Hahne, "Dynamic
 * Queue Length Thresholds for Shared-Memory Packet Switches" (IEEE/ACM Transactions on Networking, 1998), with a factor of 1: there a
 * queue may be as long as the memory that no queue uses.
 */

/**
 * Whether a client may take one more.
 * @param had what the client has had of the budget, in the units of `left`, 0 or more.
 * @param left what is left of it for all.
 */
export const isWithinPart = (had: number, left: number): boolean => had < left;
