/**
 * Which part of a common budget one client may have. Beside others a client may take more as long as it has had less than is left for all. So one
 * client gets half of the budget at most, and none is held to anything while more than half is left; n clients that want all they can get
 * have 1/(n + 1) of it each; and there is always something left for a client that has had nothing. From Choudhury and Hahne, "Dynamic
 * Queue Length Thresholds for Shared-Memory Packet Switches" (IEEE/ACM Transactions on Networking, 1998), with a factor of 1: there a
 * queue may be as long as the memory that no queue uses.
 *
 * Without others a part is of no use to anyone: all of a site's clients may come from one proxy that is not trusted. For a client that is alone the
 * factor is 9, nine tenths of the budget. The last tenth is for whichever client comes next, before the budget is renewed.
 */

const factorAlone = 9;

/**
 * Whether a client may take one more.
 * @param had what the client has had of the budget, in the units of `left`, 0 or more.
 * @param left what is left of it for all.
 * @param isAlone no other client has been seen for as long as the budget reaches back.
 */
export const isWithinPart = (had: number, left: number, isAlone = false): boolean =>
  had < (isAlone ? factorAlone * left : left);
