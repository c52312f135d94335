// The signed permutation of columns that brings one matrix nearest to another.
import { tensor } from '../core/create.js';
import { disposable } from '../core/disposable.js';
import { ShapeError } from '../core/errors.js';
import { releaseBytes } from '../core/runtime.js';
import { lengthOf } from '../core/scalars.js';
import { sameShape, show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { givens } from '../generated/givens.js';
import { exponentOf, powerOfTwo } from '../linalg/powers-of-two.js';
import { mul } from '../ops/arithmetic.js';
import { matmul } from '../ops/matmul.js';
import { squareMatrix } from './arguments.js';
import { permutationOf } from './factorize.js';
import { Alignment } from './search/alignment.js';
import { padRows } from './search/pad-rows.js';

/** U ≈ V P: column c of V P is signs[c] times column permutation[c] of V. */
export interface Aligned {
  /** i32 [d]. */
  readonly permutation: Tensor;
  /** [d], 1 or -1. */
  readonly signs: Tensor;
  /** ‖U - V P‖_F. */
  readonly error: number;
  /** Frees the tensors. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * The signed permutation P that minimises ‖U - V P‖_F, exactly: an assignment on |u_a · v_b|, by shortest augmenting paths (Jonker and Volgenant,
 * Computing 38, 1987), O(d³). Of equal ones any.
 * @param U [d, d], f64 or f32; need not be orthogonal.
 * @param V [d, d] likewise.
 * @throws ShapeError for what is no square matrix, and for two shapes; DTypeError for i32; ArgumentError for NaN and infinities.
 * @example
 * givens.align(eye(2), tensor([[0, -1], [1, 0]])); // permutation [1, 0], signs [-1, 1], error 0
 */
export function align(U: Tensor, V: Tensor): Aligned {
  const { permutation, signs, error } = aligned('align', U, V);
  const parts: Tensor[] = [];
  try {
    parts.push(tensor(permutation));
    parts.push(tensor(signs));
  } catch (reason) {
    for (const x of parts) x.dispose();
    throw reason;
  }
  const [p, s] = parts;
  return disposable({
    permutation: p,
    signs: s,
    error,
    dispose() {
      p.dispose();
      s.dispose();
    },
  });
}

/**
 * ‖U - V‖_F,sym = min over signed permutations P of ‖U - V P‖_F (Frerix and Bruna, equation (3)), as the norm of the aligned difference: right near
 * 0, where √(2 (d - Σ |u · v|)) is not.
 * @param U [d, d], f64 or f32; need not be orthogonal.
 * @param V [d, d] likewise.
 * @throws ShapeError for what is no square matrix, and for two shapes; DTypeError for i32; ArgumentError for NaN and infinities.
 * @example
 * givens.symmetrizedError(eye(2), tensor([[0, -1], [1, 0]])); // 0
 */
export function symmetrizedError(U: Tensor, V: Tensor): number {
  return aligned('symmetrizedError', U, V).error;
}

function aligned(
  name: string,
  first: Tensor,
  second: Tensor,
): { permutation: Int32Array; signs: Float64Array; error: number } {
  const own: Tensor[] = [];
  const matrixOf = (argument: string, x: Tensor): Tensor => {
    const matrix = squareMatrix(name, argument, x);
    if (matrix !== x) own.push(matrix);
    return matrix;
  };
  try {
    const [U, V] = [matrixOf('U', first), matrixOf('V', second)];
    if (!sameShape(U.shape, V.shape))
      throw new ShapeError(`${name}: U and V must have one shape, got ${show(U.shape)} and ${show(V.shape)}`);
    // P does not depend on the scale of either, and products of scaled matrices do not overflow.
    const keep = (x: Tensor): Tensor => {
      own.push(x);
      return x;
    };
    const [u, v] = [keep(scaled(U)), keep(scaled(V))];
    const P = assigned(name, keep(matmul(v, u, { transposeA: true })));
    return { ...P, error: distance(U, V, P) };
  } finally {
    for (const x of own) x.dispose();
  }
}

/** A matrix times a power of two, so that its largest entry is about 1. */
function scaled(x: Tensor): Tensor {
  let largest = 0;
  for (const entry of x.data()) largest = Math.max(largest, Math.abs(entry));
  return mul(x, largest === 0 ? 1 : powerOfTwo(-Math.max(-1000, Math.min(1000, exponentOf(largest)))));
}

/** P with the largest Σ |w_rc| p_rc. */
function assigned(name: string, W: Tensor): { permutation: Int32Array; signs: Float64Array } {
  const d = W.shape[0];
  const matrix = padRows(name, d, W.address);
  try {
    const alignment = new Alignment(name, d, matrix, givens.exports.givens_pitch(d));
    try {
      alignment.distance();
      return permutationOf(alignment);
    } finally {
      alignment.release();
    }
  } finally {
    releaseBytes(matrix);
  }
}

/** ‖U - V P‖_F. */
function distance(
  U: Tensor,
  V: Tensor,
  { permutation, signs }: { permutation: Int32Array; signs: Float64Array },
): number {
  const d = U.shape[0];
  const [u, v] = [U.data(), V.data()];
  return lengthOf(
    Float64Array.from({ length: d * d }, (_, k) => {
      const c = k % d;
      return u[k] - signs[c] * v[k - c + permutation[c]];
    }),
  );
}
