// Signals on a network: a number, or a row of them, for each vertex.
import { ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';

/** `x` as signals on n vertices: [n], [n, k] or [..., n, k], f64 or f32. */
export function checkSignal(name: string, argument: string, x: unknown, n: number): Tensor {
  const signal = checkFloat(name, argument, x);
  const { shape } = signal;
  const vertices = shape.length === 1 ? shape[0] : shape[shape.length - 2];
  if (vertices !== n)
    throw new ShapeError(
      `${name}: ${argument} must have shape [${n}], [${n}, k] or [..., ${n}, k], got ${show(shape)}`,
    );
  return signal;
}
