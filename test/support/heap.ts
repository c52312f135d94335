// What a piece of work takes of the heap while it runs: every allocation passes through one function, which is watched.
import { runtime } from '#src/core/runtime.js';
import { Tensor } from '#src/index.js';

export interface HeapUse {
  /** Bytes taken at the highest point, over what was taken before. */
  peak: number;
  /** Bytes still taken at the end: results. */
  kept: number;
  /** Allocations. */
  calls: number;
}

/** Runs `work` and disposes of what it returns: tensors, or anything that has them or can be disposed of. */
export function heapUse(work: () => unknown): HeapUse {
  const { heap } = runtime();
  const before = heap.used;
  const use = { peak: 0, kept: 0, calls: 0 };
  heap.allocate = (bytes: number): number => {
    const address = Object.getPrototypeOf(heap).allocate.call(heap, bytes);
    use.calls++;
    use.peak = Math.max(use.peak, heap.used - before);
    return address;
  };
  let result: unknown;
  try {
    result = work();
  } finally {
    // The method of the class shows again.
    delete (heap as { allocate?: unknown }).allocate;
  }
  use.kept = heap.used - before;
  dispose(result);
  return use;
}

function dispose(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('dispose' in value && typeof value.dispose === 'function') value.dispose();
  if (!(value instanceof Tensor)) for (const part of Object.values(value)) dispose(part);
}
