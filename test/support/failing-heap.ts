// Memory that ends: the k-th request to the heap fails, for every k, and what a call leaves behind is looked at.
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { isPlain } from '#src/core/tree.js';
import { memory, OutOfMemoryError, Tensor } from '#src/index.js';

/** Runs `work` with a heap whose k-th allocation from now on (from 1) finds no room; says how many there were. */
export function withFailingAllocation(k: number, work: () => void): number {
  const { heap } = runtime();
  let count = 0;
  heap.allocate = (bytes: number): number =>
    ++count === k ? 0 : Object.getPrototypeOf(heap).allocate.call(heap, bytes);
  try {
    work();
  } finally {
    // The method of the class shows again.
    delete (heap as { allocate?: unknown }).allocate;
  }
  return count;
}

/** Every number in a result, whatever it is nested in, but how long it took. */
export function numbersIn(value: unknown, out: number[] = []): number[] {
  if (typeof value === 'number') out.push(value);
  else if (value instanceof Tensor) out.push(...value.data());
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) if (key !== 'seconds') numbersIn(part, out);
  return out;
}

/** Frees every tensor in a result, and what else can be disposed of. */
export function disposeAll(value: unknown): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
  if ('dispose' in value && typeof value.dispose === 'function') value.dispose();
  if (Array.isArray(value) || isPlain(value)) for (const part of Object.values(value)) disposeAll(part);
}

/**
 * Calls `f` with its k-th allocation failing, for k = 1, 2, … until a call has fewer: every failure must be an OutOfMemoryError after
 * which memory() and the heap are as before, and the call after it gives what `f` gives. Returns how many failed.
 */
export function failEveryAllocation(name: string, f: () => unknown, most = 400): number {
  const call = () => {
    const result = f();
    const numbers = numbersIn(result);
    disposeAll(result);
    return numbers;
  };
  call(); // what is made once is made
  const want = call();
  const held = () => [memory().tensors, memory().bytes, runtime().heap.used];
  const before = held();
  for (let k = 1; k <= most; k++) {
    let error: unknown;
    const count = withFailingAllocation(k, () => {
      try {
        call();
      } catch (e) {
        error = e;
      }
    });
    if (count < k) return k - 1;
    const where = `${name}, allocation ${k} of ${count}`;
    // One that is not needed, like the room of a thread, may fail without an error.
    if (error !== undefined)
      assert.instance(error, OutOfMemoryError, `${where}: ${(error as Error)?.stack ?? error}`);
    assert.equal(held(), before, `${where} leaves something`);
    assert.equal(call(), want, `${where}: the next call`);
  }
  throw new Error(`${name}: more than ${most} allocations`);
}
