// exp(A) = Σ A^k / k!, by scaling and squaring of a Padé approximant (Higham, SIAM J. Matrix Anal. Appl. 26, 2005; degree 13).
import { tensor } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { add, mul, sub } from '../ops/arithmetic.js';
import { copyNow } from '../ops/copy.js';
import { matmul, matmulOp } from '../ops/matmul.js';
import { apply, applyInto, type Op } from '../ops/op.js';
import { plus } from '../ops/rules.js';
import { norm } from './norms.js';
import { transposed } from './rules/matrix.js';
import { window } from './rules/window.js';
import { solve } from './solve.js';
import { checkFloat, placeInStack, type Stack, squareOf, stackOf } from './stack.js';
import { assign, axpy } from './vectors.js';

/** Coefficients of the numerator of degree 13, b_0 … b_13 (Higham, 2005, section 2), over b_0, so that f32 can hold them. */
const B = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
].map((value, _, all) => value / all[0]);
/** Up to this 1-norm the approximant is exact to f64 roundoff. */
const THETA = 5.371920351148152;

/** How often each matrix has to be halved to come below THETA. */
function squaringsOf(a: Tensor, stack: Stack): number[] {
  const norms = norm(a, 1);
  const squarings = Array.from(norms.data(), (size, i) => {
    if (Number.isFinite(size)) return Math.max(0, Math.ceil(Math.log2(size / THETA)));
    throw new ArgumentError(`expm: a${placeInStack(stack, i)} must be finite, got NaN or Infinity in it`);
  });
  norms.dispose();
  return squarings;
}

/** out := value I, for every matrix of the stack. */
function fillIdentity(out: Tensor, value: Tensor, { count, rows: n }: Stack): void {
  out.data().fill(0);
  const layout = {
    extents: [count, n],
    strides: [
      [n * n, n + 1],
      [0, 0],
    ],
  };
  copyNow(out, value, layout);
}

/** out := exp(a). */
function exponentialInto(out: Tensor, a: Tensor): void {
  const stack = stackOf('expm', 'a', a);
  const squarings = squaringsOf(a, stack);
  const { even, odd } = pade(a, squarings, stack);
  const [above, below] = [add(even, odd), sub(even, odd)];
  for (const t of [even, odd]) t.dispose();
  let result = solve(below, above);
  for (const t of [above, below]) t.dispose();
  const size = stack.rows * stack.rows;
  for (let step = 0; squarings.some((times) => times > step); step++) {
    const squared = matmul(result, result);
    // Matrices that had to be halved less often are done: they are taken back.
    const [from, to] = [result.data(), squared.data()];
    squarings.forEach((times, i) => {
      if (times <= step) to.set(from.subarray(i * size, (i + 1) * size), i * size);
    });
    result.dispose();
    result = squared;
  }
  assign(result, out);
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
      scope(() => exponentialInto(out, a)),
  jvp: ([t], { inputs: [a] }) => t && frechet(a, t),
  vjp: ([ct], { inputs: [a] }) => [frechet(transposed(a), ct as Tensor)],
};

/** [[a, e], [0, b]]. */
function blocks(a: Tensor, b: Tensor, e?: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  const diagonal = add(window(a, 2 * n, 2 * n), window(b, 2 * n, 2 * n, -n, -n));
  return e ? add(diagonal, window(e, 2 * n, 2 * n, 0, -n)) : diagonal;
}

/** The block above the diagonal. */
const corner = (x: Tensor, n: number) => window(x, n, n, 0, n);

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
 * Source: Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26 (2005).
 * @example
 * linalg.expm(tensor([[0, 1], [0, 0]])); // [[1, 1], [0, 1]]
 */
export function expm(a: Tensor): Tensor {
  return apply(expmOp, [checkFloat('expm', 'a', a)], undefined);
}

/** The even and the odd part of the numerator, for a / 2^squarings; six buffers of a's size in all. */
function pade(a: Tensor, squarings: readonly number[], stack: Stack): { even: Tensor; odd: Tensor } {
  const { dtype, batch } = stack;
  const x = mul(
    a,
    tensor(
      squarings.map((times) => 2 ** -times),
      { shape: [...batch, 1, 1], dtype },
    ),
  );
  const [x2, x4, x6, t, odd] = Array.from({ length: 5 }, () => allocate(a.shape, dtype, 'expm'));
  const [b0, b1] = [tensor(B[0], { dtype }), tensor(B[1], { dtype })];
  const product = (out: Tensor, left: Tensor, right: Tensor) => applyInto(matmulOp, [out], [left, right], {});
  /** out := out + c6 x⁶ + c4 x⁴ + c2 x². */
  const combine = (out: Tensor, c6: number, c4: number, c2: number) => {
    axpy(c6, x6, out);
    axpy(c4, x4, out);
    axpy(c2, x2, out);
  };
  product(x2, x, x);
  product(x4, x2, x2);
  product(x6, x4, x2);
  t.data().fill(0);
  combine(t, B[13], B[11], B[9]);
  product(odd, x6, t);
  fillIdentity(t, b1, stack);
  combine(t, B[7], B[5], B[3]);
  axpy(1, odd, t);
  product(odd, x, t);
  // x itself is not needed any more.
  x.data().fill(0);
  combine(x, B[12], B[10], B[8]);
  product(t, x6, x);
  fillIdentity(x, b0, stack);
  combine(x, B[6], B[4], B[2]);
  axpy(1, t, x);
  for (const done of [x2, x4, x6, t]) done.dispose();
  return { even: x, odd };
}
