// Whitening: the symmetric roots of a covariance whose small eigenvalues are raised.

import { checkAtLeast } from '../../core/check.js';
import { disposable } from '../../core/disposable.js';
import { ArgumentError, DisposedError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { owned, scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { checkFloat, checkSquare } from '../../linalg/stack.js';
import { div, mul } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { sqrt } from '../../ops/roots.js';
import { isKnown } from '../../ops/tracer.js';
import { checkVector, isGone } from './covariance.js';
import { onRows } from './dense.js';

/** C with its symmetric roots. It owns its tensors: `dispose` frees them, a second call does nothing. */
export interface Whitening {
  /** C, [m, m], with raised eigenvalues. */
  readonly covariance: Tensor;
  /** C^{1/2}, [m, m]. */
  readonly sqrt: Tensor;
  /** C^{-1/2}, [m, m]. */
  readonly inverseSqrt: Tensor;
  /** Of C, rising, [m]; none is below the floor. */
  readonly eigenvalues: Tensor;
  /** ξ = C^{-1/2} x, of [...batch, ...state] with m numbers in a state. */
  whiten(x: Tensor): Tensor;
  /** x = C^{1/2} ξ. */
  unwhiten(xi: Tensor): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Whitenings that this file has made. */
const made = new WeakSet<object>();

/** Whether a value is a whitening. */
export function isWhitening(value: unknown): value is Whitening {
  return typeof value === 'object' && value !== null && made.has(value);
}

/**
 * The change of variables ξ = C^{-1/2} x after which the entries are uncorrelated and of variance 1, for `fourDVar`'s `precondition`.
 * @param C [m, m], symmetric, of which the lower triangle is read: `sampleCovariance` of states, say.
 * @param options `floor`: eigenvalues below it are raised to it (absolute); default 1e-6.
 * @throws ShapeError for a C that is not square; ArgumentError for a floor below 0, for a C that is not finite, and for a floor of 0 where an eigenvalue is
 * not positive.
 * Source: Frerix et al., Variational Data Assimilation with a Learned Inverse Observation Operator (2021), section 5.
 * @example
 * const W = assimilation.whitening(assimilation.sampleCovariance(states));
 * W.unwhiten(W.whiten(x)); // x
 */
export function whitening(C: Tensor, options: { floor?: number } = {}): Whitening {
  const name = 'whitening';
  const m = checkSquare(name, 'C', C).rows;
  if (C.ndim !== 2) throw new ShapeError(`${name}: C must be a matrix [m, m], got shape ${show(C.shape)}`);
  checkOptions(name, options, { floor: true });
  const { floor = 1e-6 } = options;
  checkAtLeast(name, 'floor', floor, 0);
  const tensors = scope(() => {
    const { values, vectors } = eigh(C);
    const eigenvalues = maximum(values, floor);
    if (isKnown(eigenvalues) && m > 0 && !(eigenvalues.data()[0] > 0))
      throw new ArgumentError(
        `${name}: an eigenvalue of C is ${values.data()[0]}, which has no inverse root (give a floor above 0, got ${floor})`,
      );
    const deviations = sqrt(eigenvalues);
    const times = (scaled: Tensor) => matmul(scaled, vectors, { transposeB: true });
    const roots = [mul(vectors, eigenvalues), mul(vectors, deviations), div(vectors, deviations)].map(times);
    return [eigenvalues, ...roots];
  });
  const [eigenvalues, covariance, root, inverseRoot] = tensors;
  const product = (what: string, by: Tensor) => (x: Tensor) => {
    const method = `${name}.${what}`;
    checkFloat(method, 'x', x);
    if (isGone(by)) throw new DisposedError(`${method}: the whitening has been disposed`);
    checkVector(method, 'x', name, x, m, by.dtype);
    return scope(() => onRows(x, m, (rows) => matmul(rows, by)));
  };
  const result = disposable({
    ...{ covariance, sqrt: root, inverseSqrt: inverseRoot, eigenvalues },
    whiten: product('whiten', inverseRoot),
    unwhiten: product('unwhiten', root),
    dispose: () => {
      for (const x of tensors) x.dispose();
    },
    [owned]: () => tensors,
  });
  made.add(result);
  return result as Whitening;
}
