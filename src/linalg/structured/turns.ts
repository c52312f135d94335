// Cosines and sines of angles, by the library's kernels, whose bits do not depend on the engine.
import { bytesPerElement, type TypedArray, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { math } from '../../generated/math.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Float } from '../stack.js';

/** Views that are valid until the next allocation. */
export interface Turns {
  cos: TypedArray;
  sin: TypedArray;
}

/** Prepares the cosines and sines of a vector of angles, in this dtype, in scratch. */
export function prepareTurns(angles: Tensor, dtype: Float, space: Workspace): () => Turns {
  const count = angles.size;
  const size = bytesPerElement(dtype);
  const view = (address: number) => typedArray(dtype, runtime().memory.buffer, address, count);
  if (count === 0) return () => ({ cos: view(0), sin: view(0) });
  const [cos, sin] = [space.scratch(count * size), space.scratch(count * size)];
  const own = angles.dtype === dtype ? undefined : space.scratch(count * size);
  const meta = space.descriptor({ extents: [count], strides: [[1]] });
  const { [`cos_${dtype}` as const]: cosine, [`sin_${dtype}` as const]: sine } = math.exports;
  return () => {
    if (own !== undefined) view(own).set(angles.data());
    const from = own ?? angles.address;
    cosine(1, meta, cos, from);
    sine(1, meta, sin, from);
    return { cos: view(cos), sin: view(sin) };
  };
}
