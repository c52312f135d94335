// exp(A) = Σ A^k / k!, by scaling and squaring of a Padé approximant, and its derivatives.
import { bytesPerElement, type TypedArray, typedArray } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { runtime } from '../../core/runtime.js';
import type { Tensor } from '../../core/tensor.js';
import { add, plus } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { exponentOf, powerOfTwo, timesPowerOfTwo } from '../powers-of-two.js';
import { transposed } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { scratchTensor } from '../scratch.js';
import { checkFloat, squareOf, stackIndexText, stackOf } from '../stack.js';
import { balance } from './balance.js';
import { prepareExponential } from './pade.js';
import { norm1Of } from './squarings.js';
import { ordered, restored, triangularOrder } from './triangular-order.js';

/** f32 matrices of fewer rows are computed in f64, and matrices of either dtype in the order in which they are triangles, if there is one. */
const LARGE = 256;

/** Prepares out := exp(a), one matrix after the other. */
function prepareExponentials(out: Tensor, a: Tensor, space: Workspace): () => void {
  const stack = stackOf('expm', 'a', a);
  const { dtype, count, rows: n } = stack;
  const [size, step] = [n * n, n * n * bytesPerElement(dtype)];
  const isSmall = n < LARGE;
  const own = isSmall ? 'f64' : dtype;
  const run = prepareExponential(own, n, space);
  const [place, result] = isSmall ? [space.scratch(8 * size), space.scratch(8 * size)] : [0, 0];
  return () => {
    // Check all matrices before computing any.
    const bad = a.data().findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new ArgumentError(
        `expm: a${stackIndexText(stack, Math.floor(bad / size))} must be finite, got NaN or Infinity in it`,
      );
    }
    for (let i = 0; i < count; i++) {
      const [from, to] = [a, out].map((x) => x.data().subarray(i * size, (i + 1) * size));
      const order = isSmall ? triangularOrder(from, n) : undefined;
      if (own === dtype && order === undefined) {
        run(a.address + i * step, out.address + i * step);
        continue;
      }
      const { buffer } = runtime().memory;
      const [given, made] = [place, result].map((at) => typedArray('f64', buffer, at, size));
      if (order) ordered(from, given, order);
      else given.set(from);
      run(place, result);
      if (order) restored(made, to, order);
      else to.set(made);
    }
  };
}

/** Row of the table. */
export const expmOp: Op = {
  name: 'expm',
  shape([a]) {
    squareOf('expm', 'a', a);
    return a;
  },
  prepare: ([out], [a], _, space) => prepareExponentials(out, a, space),
  jvp: ([t], { inputs: [a] }) => t && frechet(a, t),
  vjp: ([ct], { inputs: [a] }) => [frechet(transposed(a), ct as Tensor)],
};

/** [[a, e], [0, b]]. */
function blocks(a: Tensor, b: Tensor, e?: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  const diagonal = add(submatrix(a, 2 * n, 2 * n), submatrix(b, 2 * n, 2 * n, -n, -n));
  return e ? add(diagonal, submatrix(e, 2 * n, 2 * n, 0, -n)) : diagonal;
}

/**
 * The power of two of the size of E beside A, both balanced as A is: divided by it, E does not add to the number of squarings.
 */
function sizeBeside(a: TypedArray, e: TypedArray, n: number): number {
  const exponents = balance(a.slice(), n, 30);
  const scaled = exponents
    ? e.map((value, t) => value * powerOfTwo(exponents[t % n] - exponents[Math.floor(t / n)]))
    : e;
  const size = norm1Of(scaled, n);
  return size === 0 ? 0 : exponentOf(size) + 1;
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
    const run = prepareExponentials(result, whole, space);
    return () => {
      const [from, along, to] = [a.data(), e.data(), whole.data()];
      if (!along.every(Number.isFinite)) {
        out.data().fill(Number.NaN);
        return;
      }
      const sizes: number[] = [];
      for (let matrix = 0; matrix < count; matrix++) {
        const [start, end] = [matrix * n * n, (matrix + 1) * n * n];
        const length = sizeBeside(from.subarray(start, end), along.subarray(start, end), n);
        sizes.push(length);
        for (let i = 0; i < n; i++) {
          const [row, top] = [(matrix * n + i) * n, (4 * matrix * n + 2 * i) * n];
          for (let j = 0; j < n; j++) {
            to[top + j] = to[top + 2 * n * n + n + j] = from[row + j];
            to[top + n + j] = timesPowerOfTwo(along[row + j], -length);
            to[top + 2 * n * n + j] = 0;
          }
        }
      }
      run();
      const [got, corners] = [result.data(), out.data()];
      for (let matrix = 0; matrix < count; matrix++) {
        for (let i = 0; i < n; i++) {
          const [row, top] = [(matrix * n + i) * n, (4 * matrix * n + 2 * i) * n + n];
          for (let j = 0; j < n; j++) corners[row + j] = timesPowerOfTwo(got[top + j], sizes[matrix]);
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
 * The exponential of each matrix: as accurate as the problem allows also for matrices far from normal (companion matrices, entries of
 * very different sizes), which are balanced by powers of two, and scaled by the norms of their powers. In a triangular matrix the
 * diagonal and the one beside it are exact to rounding; up to 255 rows so it is if the matrix is a triangle in another order of its indices. f32 matrices of fewer than 256 rows are computed in f64.
 * @param a [..., n, n], f64 or f32; entries finite. Each matrix of a stack is scaled by itself.
 * @returns [..., n, n]; Infinity where an entry overflows.
 * @throws ArgumentError if a holds NaN or Inf; ShapeError, DTypeError.
 * Workspace: from n = 256 on less than 3 n² elements, for any norm and any number of matrices.
 * Source: Al-Mohy and Higham, A new scaling and squaring algorithm for the matrix exponential, SIAM J. Matrix Anal. Appl. 31 (2009);
 * degree 13 as in Higham, SIAM J. Matrix Anal. Appl. 26 (2005).
 * @example
 * linalg.expm(tensor([[0, 1], [0, 0]])); // [[1, 1], [0, 1]]
 */
export function expm(a: Tensor): Tensor {
  return apply(expmOp, [checkFloat('expm', 'a', a)], undefined);
}
