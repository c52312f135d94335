// Sources of batches: tensors that are cut into batches, or anything that makes batches.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { flatten, type Tree } from '../../core/tree.js';
import { type BatchesOptions, batchesFor } from './batches.js';

/** Batches one after the other. */
export type BatchStream<B> = Iterable<B> | AsyncIterable<B>;

/** A tree of tensors with equal first extents; batches; or a function from the epoch (from 1) to batches. */
export type BatchSource<B = unknown> = B | BatchStream<B> | ((epoch: number) => BatchStream<B>);

/** Whether a source is a tree of tensors, which is cut into batches. */
export function isWhole(data: unknown): boolean {
  return typeof data !== 'function' && !isStream(data);
}

function isStream(data: unknown): data is BatchStream<unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || data instanceof Tensor)
    return false;
  // Typed arrays hold numbers, not batches.
  if (ArrayBuffer.isView(data)) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

/** A source as a function from the epoch to its batches, and their number, if known. */
export function sourceOf<B>(
  name: string,
  data: BatchSource<B>,
  options: BatchesOptions,
): ((epoch: number) => BatchStream<B>) & { count?: number } {
  if (typeof data === 'function') {
    const make = data as (epoch: number) => unknown;
    return (epoch) => {
      const made = make(epoch);
      if (isStream(made)) return made as BatchStream<B>;
      throw new ArgumentError(
        `${name}: data must be tensors, batches or a function that gives batches, got one that gives ${describe(made)}`,
      );
    };
  }
  const stream = isStream(data) ? (data as BatchStream<B>) : batchesFor(name, data as B, options);
  const count = (stream as { length?: unknown }).length;
  return Object.assign(() => stream, typeof count === 'number' ? { count } : {});
}

/** Rows of a batch: the first extent of its first tensor. */
export function rowsIn(batch: Tree): number {
  const [first] = flatten(batch).leaves;
  return first?.shape[0] ?? 1;
}
