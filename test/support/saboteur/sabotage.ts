/**
 * What may be done to an object. `abort`: its memory is lost. `deaf`: messages reach it when the time is over. `mute`: what
 * it answers leaves it when the time is over. `overloaded`: it takes no messages.
 */
export type Sabotage = "abort" | "deaf" | "mute" | "overloaded";
