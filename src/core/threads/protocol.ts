// How the pool and its workers talk: one slot of shared memory per worker, with a state word and the call's arguments.

/** Bytes of one slot: the state on a cache line of its own, then the arguments. */
export const SLOT_BYTES = 320;
/** Byte offset of the call (f64) in a slot: HEADER numbers, then what the kernel is called with. */
export const CALL = 64;
/**
 * Where the bytes of the kernel's module lie and how many there are (0 and 0 for the module that workers start with), the kernel's
 * place among the exports of that module, and how many arguments it has.
 */
export const HEADER = 4;
/** Most arguments that a kernel takes. */
export const MAXIMUM_ARGUMENTS = (SLOT_BYTES - CALL) / 8 - HEADER;

/** Nothing to do. */
export const IDLE = 0;
/** A call is written and nobody has taken it: the worker may, and so may the caller when it is done first. */
export const POSTED = 1;
/** The worker is at it. */
export const CLAIMED = 2;
/** The worker has finished. */
export const DONE = 3;
/** The kernel trapped; its outputs may be written in part. */
export const FAILED = 4;
/** The worker cannot load the kernel's module; nothing has been written. */
export const NOT_LOADED = 5;
/** The worker is to leave its slot alone from now on. */
export const CLOSED = 6;
/** The worker has read CLOSED, and touches the memory no more. */
export const LEFT = 7;

/** What a worker is started with. */
export interface WorkerStart {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  /** Address of its slot. */
  slot: number;
  /** How long it spins for the next call before it sleeps, in milliseconds. */
  spin: number;
}
