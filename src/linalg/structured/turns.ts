// Cosines and sines of angles, by the library's kernels, whose bits do not depend on the engine.
import { bytesPerElement, type TypedArray, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { math } from '../../generated/math.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Float } from '../stack.js';

/** Takes the cosines and sines of angles number `start` and following; views that the next block overwrites. */
type TakeTurns = (cos: TypedArray, sin: TypedArray, start: number) => void;

/** Angles per call of the kernels: scratch of this size is nothing beside the sequence. */
const BLOCK = 512;

/** Prepares the cosines and sines of a vector of angles, in this dtype, block by block. */
export function prepareTurns(angles: Tensor, dtype: Float, space: Workspace): (take: TakeTurns) => void {
  const count = angles.size;
  const size = bytesPerElement(dtype);
  if (count === 0) return () => {};
  const most = Math.min(count, BLOCK);
  const [cos, sin, own] = [
    space.scratch(most * size),
    space.scratch(most * size),
    space.scratch(most * size),
  ];
  const [whole, rest] = [most, count % most || most].map((n) =>
    space.descriptor({ extents: [n], strides: [[1]] }),
  );
  const { [`cos_${dtype}` as const]: cosine, [`sin_${dtype}` as const]: sine } = math.exports;
  return (take) => {
    for (let start = 0; start < count; start += most) {
      const n = Math.min(most, count - start);
      const view = (address: number) => typedArray(dtype, runtime().memory.buffer, address, n);
      const meta = n === most ? whole : rest;
      view(own).set(angles.data().subarray(start, start + n));
      cosine(1, meta, cos, own);
      sine(1, meta, sin, own);
      take(view(cos), view(sin), start);
    }
  };
}
