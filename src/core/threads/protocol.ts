// How the pool and its workers talk: one slot of shared memory per worker, with a state word and the call's arguments.

/** Bytes of one slot: the state on a cache line of its own, then the arguments. */
export const SLOT_BYTES = 320;
/** Byte offset of the call (f64) in a slot: HEADER numbers, then what the kernel is called with. */
export const CALL = 64;
/** The kernel's number, how many arguments it has, and where the bytes of its module lie and how many, for workers that lack it. */
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
/** The kernel trapped, which arguments that were checked never make it do. */
export const FAILED = 4;

/** Kernels that workers run, by number. */
export const PARALLEL_KERNELS = [
  'gemm_packed_f64',
  'gemm_packed_f32',
  'gemm_batched_f64',
  'gemm_batched_f32',
  'rotate_f64',
  'rotate_f32',
  'conv_f64',
  'conv_f32',
  'winograd_f64',
  'winograd_f32',
] as const;
export type ParallelKernel = (typeof PARALLEL_KERNELS)[number];

/** What a worker is started with. */
export interface WorkerStart {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  /** Address of its slot. */
  slot: number;
  /** How long it spins for the next call before it sleeps, in milliseconds. */
  spin: number;
}
