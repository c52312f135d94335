// f(A) = V f(Λ) Vᵀ for symmetric A and scalar functions f written in operations.

import { type Closure, closureOf } from '../../compiler/closure.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { mul } from '../../ops/arithmetic.js';
import { exp, log } from '../../ops/exponential.js';
import { isTransforming } from '../../ops/level.js';
import { rsqrt, sqrt } from '../../ops/roots.js';
import { UnknownValueError } from '../../ops/tracer.js';
import { checkSquare } from '../stack.js';
import { choose, NODE_COUNT } from './divided-differences.js';
import { type Scalar, spectralFunction } from './spectral-function.js';

/** A scalar function, or the name of one. */
export type SpectralFunction = ((x: Tensor) => Tensor) | 'sqrt' | 'rsqrt' | 'log' | 'exp';

const NAMED: Record<string, (x: Tensor) => Tensor> = { sqrt, rsqrt, log, exp };

/** The value of f, which must be like x. */
function checkedValue(y: unknown, x: Tensor): Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(`symmetricFunction: f must return a tensor, got ${describe(y)}`);
  if (!sameShape(y.shape, x.shape))
    throw new ShapeError(
      `symmetricFunction: f must treat its elements one by one and return shape ${show(x.shape)}, got ${show(y.shape)}`,
    );
  if (y.dtype !== x.dtype)
    throw new DTypeError(
      `symmetricFunction: f must return ${x.dtype} for ${x.dtype}, got ${y.dtype} (convert with astype)`,
    );
  return y;
}

/** The function with the traced tensors that it captures as parameters, if there are any. */
function opened(
  f: (x: Tensor) => Tensor,
  a: Tensor,
): { f: Scalar; captures: readonly Tensor[]; closures: Closure[] } {
  const plain: Scalar = (x) => checkedValue(f(x), x);
  const closures: Closure[] = [];
  if (!isTransforming()) return { f: plain, captures: [], closures };
  const { count, rows: n } = checkSquare('symmetricFunction', 'a', a);
  try {
    const sizes = new Set([count * n, 2 * count + 1, count * choose(n + 1, 2) * NODE_COUNT]);
    for (const size of sizes) {
      const closure = closureOf('symmetricFunction', (x: Tensor) => plain(x, []), [
        { shape: [size], dtype: a.dtype },
      ]);
      closures.push(closure);
      if (closure.captures.length === 0) break;
    }
  } catch (error) {
    for (const { graph } of closures) graph.dispose();
    // A function that reads values is left as it is; what it captures must not be traced.
    if (error instanceof UnknownValueError) return { f: plain, captures: [], closures: [] };
    throw error;
  }
  const { captures } = closures[0];
  if (captures.length === 0) return { f: plain, captures, closures };
  const graphs = new Map(closures.map(({ graph }) => [graph.inputs[0].shape[0], graph]));
  return {
    f: (x, params) => (graphs.get(x.size) as Closure['graph']).evaluate([x, ...params])[0],
    captures,
    closures,
  };
}

/**
 * A function of symmetric matrices: V f(Λ) Vᵀ for A = V Λ Vᵀ and a scalar function f, such as the square root, the
 * inverse square root or the logarithm of a covariance. Only the lower triangle of `a` is read.
 *
 * Derivatives of any order are right at equal, nearly equal and distinct eigenvalues, unlike those of the same formula
 * written with `eigh`: they use divided differences of f, f[λ_i, λ_j] = (f(λ_i) - f(λ_j)) / (λ_i - λ_j), which are f' for
 * equal arguments, and are computed without cancellation from f and its derivatives. `a` stands for a symmetric matrix,
 * so its cotangent is symmetric. What f captures is differentiated, too: one evaluation per entry in reverse mode.
 * The k-th derivative takes O(n^(k + 1)) operations besides products of matrices and 9 n² / 2 evaluations of f^(k).
 * @param a symmetric, [..., n, n], f64 or f32.
 * @param f a function of a vector of numbers, element by element, written in operations; or 'sqrt', 'rsqrt', 'log',
 * 'exp'. It is called with vectors of several lengths. Outside of its domain it gives what the operations give: `log` of
 * a zero eigenvalue is -Infinity, `sqrt` of a negative one NaN (rounding makes eigenvalues that should be 0 slightly
 * negative: `(x) => sqrt(maximum(x, 0))`), and the derivative of `sqrt` at 0 is infinite. One that is not finite
 * usually makes NaN of the whole matrix. Where f has a kink or a jump at an eigenvalue, its own derivative there
 * counts; between eigenvalues kinks and jumps are exact.
 * @returns [..., n, n], symmetric.
 * @throws ArgumentError if f is not a function or one of the names, returns no tensor, or does not treat its elements one
 * by one, and for NaN or Infinity in the lower triangle; ShapeError if a is not square or f returns another shape,
 * DTypeError for i32, or if f returns another dtype; ConvergenceError, as `eigh`.
 * Source: Daleckii and Krein (1965); Higham, Functions of Matrices (2008), section 3.2.
 * @example
 * linalg.symmetricFunction(tensor([[2, 1], [1, 2]]), 'log'); // its exponential is the matrix again
 */
export function symmetricFunction(a: Tensor, f: SpectralFunction): Tensor {
  checkSquare('symmetricFunction', 'a', a);
  const scalar = typeof f === 'string' && Object.hasOwn(NAMED, f) ? NAMED[f] : f;
  if (typeof scalar !== 'function')
    throw new ArgumentError(
      `symmetricFunction: f must be a function, 'sqrt', 'rsqrt', 'log' or 'exp', got ${describe(f)}`,
    );
  if (a.size === 0) return mul(a, 1);
  return scope(() => {
    const { f: open, captures, closures } = opened(scalar, a);
    const bodies = captures.length > 0 ? closures.map(({ graph }) => graph) : [];
    try {
      return spectralFunction({ name: 'symmetricFunction', f: open, bodies }, a, captures);
    } finally {
      for (const { graph } of closures) graph.dispose();
    }
  });
}
