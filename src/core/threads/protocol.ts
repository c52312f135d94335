// The protocol of pool and workers: one slot of shared memory per worker, with a state word and the arguments of a
// call.

/** Bytes of one slot: the state on its own cache line, then the arguments. */
export const SLOT_BYTES = 320;
/** Byte offset of the call (f64) in a slot: HEADER numbers, then the arguments of the kernel. */
export const CALL = 64;
/**
 * Address and length of the bytes of the kernel's module (0 and 0 for the module that workers start with), the index of
 * the kernel among the exports of that module, and the number of arguments.
 */
export const HEADER = 4;
/** The largest number of arguments of a kernel. */
export const MAXIMUM_ARGUMENTS = (SLOT_BYTES - CALL) / 8 - HEADER;

/** Nothing to do. */
export const IDLE = 0;
/** A call is written and not taken yet: the worker may take it, or the caller when its own part is done first. */
export const POSTED = 1;
/** The worker is busy with it. */
export const CLAIMED = 2;
/** The worker has finished. */
export const DONE = 3;
/** The kernel trapped; its outputs may be partly written. */
export const FAILED = 4;
/** The worker cannot load the kernel's module; nothing has been written. */
export const NOT_LOADED = 5;
/** Tells the worker to leave its slot alone from now on. */
export const CLOSED = 6;
/** The worker has read CLOSED, and does not touch the memory any more. */
export const LEFT = 7;

/** What a worker needs to start. */
export interface WorkerStart {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  /** Address of its slot. */
  slot: number;
  /** How long it spins for the next call before it sleeps, in milliseconds. */
  spin: number;
}
