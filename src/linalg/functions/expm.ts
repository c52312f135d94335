// exp(A) = Σ A^k / k!, by scaling and squaring of a Padé approximant, and its derivatives.
import { tensor } from '../../core/create.js';
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { withWorkspace } from '../../core/runtime.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { plus } from '../../ops/rules.js';
import { transposed } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { checkFloat, type Stack, squareOf, stackIndexText, stackOf } from '../stack.js';
import { assign } from '../vectors.js';
import { norm } from './norms.js';
import { exponential, THETA } from './pade.js';

/** How often each matrix has to be halved to come below THETA. */
function squaringsOf(a: Tensor, stack: Stack): number[] {
  const norms = norm(a, 1);
  try {
    return Array.from(norms.data(), (size, i) => {
      if (Number.isFinite(size)) return Math.max(0, Math.ceil(Math.log2(size / THETA)));
      throw new ArgumentError(`expm: a${stackIndexText(stack, i)} must be finite, got NaN or Infinity in it`);
    });
  } finally {
    norms.dispose();
  }
}

/** out := exp(a), one matrix after the other. */
function exponentialInto(out: Tensor, a: Tensor): void {
  if (a.size === 0) return;
  const stack = stackOf('expm', 'a', a);
  const squarings = squaringsOf(a, stack);
  const { bytes, run } = exponential(stack.dtype, stack.rows);
  const step = (a.size / stack.count) * bytesPerElement(stack.dtype);
  withWorkspace(bytes, 'expm', (work) => {
    squarings.forEach((times, i) => {
      run(a.address + i * step, times, out.address + i * step, work);
    });
  });
}

/** Row of the table. */
export const expmOp: Op = {
  name: 'expm',
  shape([a]) {
    squareOf('expm', 'a', a);
    return a;
  },
  prepare:
    ([out], [a]) =>
    () =>
      exponentialInto(out, a),
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
 * Row of the table: L(A, E), the derivative of exp at A along E, a block of exp [[A, E], [0, A]] (Higham, Functions of Matrices,
 * 2008, section 10.6). L(Aᵀ, ·) is the transpose of L(A, ·). The second derivative along E and F is a block of
 * L([[A, F], [0, A]], [[E, 0], [0, E]]).
 */
const frechetOp: Op = {
  name: 'expm',
  shape: ([a]) => a,
  prepare([out], [a, e]) {
    const { batch, rows: n, dtype } = stackOf('expm', 'a', a);
    return () =>
      scope(() => {
        // E is made of size 1, so that the number of squarings is that of A.
        const sizes = norm(e, 1).toTypedArray();
        if (!sizes.every(Number.isFinite)) {
          out.data().fill(Number.NaN);
          return;
        }
        const scaled = (f: (size: number) => number) =>
          tensor(Float64Array.from(sizes, f), { shape: [...batch, 1, 1], dtype });
        const unit = mul(
          e,
          scaled((size) => (size > 0 ? 1 / size : 0)),
        );
        const whole = blocks(a, a, unit);
        const result = allocate(whole.shape, dtype, 'expm');
        exponentialInto(result, whole);
        assign(
          mul(
            corner(result, n),
            scaled((size) => size),
          ),
          out,
        );
      });
  },
  jvp: ([ta, te], { inputs: [a, e] }) => plus(te && frechet(a, te), ta && second(a, e, ta)),
  vjp([ct], { inputs: [a, e], wanted }) {
    const [c, at] = [ct as Tensor, transposed(a)];
    return [wanted[0] ? second(at, transposed(e), c) : undefined, wanted[1] ? frechet(at, c) : undefined];
  },
};

function frechet(a: Tensor, e: Tensor): Tensor {
  return apply(frechetOp, [a, e], undefined);
}

/** The second derivative at a along e and f. */
function second(a: Tensor, e: Tensor, f: Tensor): Tensor {
  return corner(frechet(blocks(a, a, f), blocks(e, e)), a.shape[a.ndim - 1]);
}

/**
 * The exponential of each matrix.
 * @param a [..., n, n], f64 or f32; entries finite. Each matrix of a stack is scaled by its own norm.
 * @returns [..., n, n]; Infinity where an entry is beyond the largest number.
 * @throws ArgumentError where a holds NaN or Inf; ShapeError, DTypeError.
 * Workspace: from n = 256 on less than 3 n² elements, whatever the norm and the stack.
 * Source: Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26 (2005).
 * @example
 * linalg.expm(tensor([[0, 1], [0, 0]])); // [[1, 1], [0, 1]]
 */
export function expm(a: Tensor): Tensor {
  return apply(expmOp, [checkFloat('expm', 'a', a)], undefined);
}
