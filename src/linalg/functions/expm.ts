// exp(A) = Σ A^k / k!, by scaling and squaring of a Padé approximant, and its derivatives.

import { bytesPerElement, type TypedArray } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { ceilLog2 } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { add, plus } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { transposed } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { scratchTensor } from '../scratch.js';
import { checkFloat, squareOf, stackIndexText, stackOf } from '../stack.js';
import { largestColumnSum } from './norms.js';
import { exponential, THETA } from './pade.js';

/**
 * How often to halve a matrix, whose entries begin at `start`, until its norm is below THETA; Infinity if it is not
 * finite.
 */
function squaringsOf(a: TypedArray, start: number, n: number): number {
  const size = largestColumnSum(a, start, n, n);
  if (!Number.isFinite(size)) return Number.POSITIVE_INFINITY;
  return Math.max(0, ceilLog2(size / THETA));
}

/** Prepares out := exp(a), one matrix after the other. */
function prepareExponential(out: Tensor, a: Tensor, space: Workspace): () => void {
  const stack = stackOf('expm', 'a', a);
  const { dtype, count, rows: n } = stack;
  const { bytes, run } = exponential(dtype, n);
  const step = n * n * bytesPerElement(dtype);
  const work = space.scratch(bytes);
  return () => {
    const data = a.data();
    // Check all matrices before computing any.
    const squarings = Array.from({ length: count }, (_, i) => squaringsOf(data, i * n * n, n));
    const bad = squarings.indexOf(Number.POSITIVE_INFINITY);
    if (bad >= 0) {
      throw new ArgumentError(
        `expm: a${stackIndexText(stack, bad)} must be finite, got NaN or Infinity in it`,
      );
    }
    squarings.forEach((times, i) => {
      run(a.address + i * step, times, out.address + i * step, work);
    });
  };
}

/** Row of the table. */
export const expmOp: Op = {
  name: 'expm',
  shape([a]) {
    squareOf('expm', 'a', a);
    return a;
  },
  prepare: ([out], [a], _, space) => prepareExponential(out, a, space),
  jvp: ([t], { inputs: [a] }) => t && frechet(a, t),
  vjp: ([ct], { inputs: [a] }) => [frechet(transposed(a), ct as Tensor)],
};

/** [[a, e], [0, b]]. */
function blocks(a: Tensor, b: Tensor, e?: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  const diagonal = add(submatrix(a, 2 * n, 2 * n), submatrix(b, 2 * n, 2 * n, -n, -n));
  return e ? add(diagonal, submatrix(e, 2 * n, 2 * n, 0, -n)) : diagonal;
}

/** The block above the diagonal. */
const corner = (x: Tensor, n: number) => submatrix(x, n, n, 0, n);

/**
 * Row of the table: L(A, E), the derivative of exp at A along E, a block of exp [[A, E], [0, A]] (Higham, Functions of
 * Matrices, 2008, section 10.6). L(Aᵀ, ·) is the transpose of L(A, ·). The second derivative along E and F is a block
 * of L([[A, F], [0, A]], [[E, 0], [0, E]]).
 */
export const expmFrechetOp: Op = {
  name: 'expm',
  shape: ([a]) => a,
  prepare([out], [a, e], _, space) {
    const { batch, count, rows: n, dtype } = stackOf('expm', 'a', a);
    const double = { shape: [...batch, 2 * n, 2 * n], dtype };
    const [whole, result] = [scratchTensor(double, space), scratchTensor(double, space)];
    const run = prepareExponential(result, whole, space);
    return () => {
      const [from, along, to] = [a.data(), e.data(), whole.data()];
      // Scale E to size 1, so that the number of squarings is that of A.
      const sizes = Array.from({ length: count }, (_, i) => largestColumnSum(along, i * n * n, n, n));
      if (!sizes.every(Number.isFinite)) {
        out.data().fill(Number.NaN);
        return;
      }
      for (let matrix = 0; matrix < count; matrix++) {
        const scale = sizes[matrix] > 0 ? 1 / sizes[matrix] : 0;
        for (let i = 0; i < n; i++) {
          const [row, top] = [(matrix * n + i) * n, (4 * matrix * n + 2 * i) * n];
          for (let j = 0; j < n; j++) {
            to[top + j] = to[top + 2 * n * n + n + j] = from[row + j];
            to[top + n + j] = scale * along[row + j];
            to[top + 2 * n * n + j] = 0;
          }
        }
      }
      run();
      const [got, corners] = [result.data(), out.data()];
      for (let matrix = 0; matrix < count; matrix++) {
        for (let i = 0; i < n; i++) {
          const [row, top] = [(matrix * n + i) * n, (4 * matrix * n + 2 * i) * n + n];
          for (let j = 0; j < n; j++) corners[row + j] = sizes[matrix] * got[top + j];
        }
      }
    };
  },
  jvp: ([ta, te], { inputs: [a, e] }) => plus(te && frechet(a, te), ta && second(a, e, ta)),
  vjp([ct], { inputs: [a, e], wanted }) {
    const [c, at] = [ct as Tensor, transposed(a)];
    return [wanted[0] ? second(at, transposed(e), c) : undefined, wanted[1] ? frechet(at, c) : undefined];
  },
};

function frechet(a: Tensor, e: Tensor): Tensor {
  return apply(expmFrechetOp, [a, e], undefined);
}

/** The second derivative at a along e and f. */
function second(a: Tensor, e: Tensor, f: Tensor): Tensor {
  return corner(frechet(blocks(a, a, f), blocks(e, e)), a.shape[a.ndim - 1]);
}

/**
 * The exponential of each matrix.
 * @param a [..., n, n], f64 or f32; entries finite. Each matrix of a stack is scaled by its own norm.
 * @returns [..., n, n]; Infinity where an entry overflows.
 * @throws ArgumentError if a holds NaN or Inf; ShapeError, DTypeError.
 * Workspace: from n = 256 on less than 3 n² elements, for any norm and any number of matrices.
 * Source: Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26
 * (2005).
 * @example
 * linalg.expm(tensor([[0, 1], [0, 0]])); // [[1, 1], [0, 1]]
 */
export function expm(a: Tensor): Tensor {
  return apply(expmOp, [checkFloat('expm', 'a', a)], undefined);
}
