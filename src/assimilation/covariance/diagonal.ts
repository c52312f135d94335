// C = diag(variances).

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { broadcastShapes, type Shape, sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { add, div, mul } from '../../ops/arithmetic.js';
import { sqrt, square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import { isKnown } from '../../ops/tracer.js';
import { type Covariance, checkSameDType, covarianceOf } from './covariance.js';

/** Variances: a positive finite number, or a tensor of such numbers, which is looked at unless it is traced. */
export function checkVariances(name: string, variances: unknown): number | Tensor {
  const wanted = `${name}: variances must be positive and finite`;
  if (typeof variances === 'number') {
    if (variances > 0 && variances < Number.POSITIVE_INFINITY) return variances;
    throw new ArgumentError(`${wanted}, got ${variances}`);
  }
  if (!(variances instanceof Tensor))
    throw new ArgumentError(`${name}: variances must be a number or a tensor, got ${describe(variances)}`);
  checkFloat(name, 'variances', variances);
  if (isKnown(variances)) {
    const data = variances.data();
    const at = data.findIndex((v) => !(v > 0 && v < Number.POSITIVE_INFINITY));
    if (at >= 0) throw new ArgumentError(`${wanted}, got ${data[at]} at position ${at}`);
  }
  return variances;
}

/** Whether a shape broadcasts to another one. */
export function broadcastsTo(shape: Shape, to: Shape): boolean {
  if (shape.length > to.length) return false;
  try {
    return sameShape(broadcastShapes('', shape, to), to);
  } catch {
    return false;
  }
}

/**
 * Entries that do not depend on each other.
 * @param variances positive: a number, or a tensor that broadcasts to the vectors that it is used for; copied.
 * @throws ArgumentError for a variance that is not positive and finite.
 * @example
 * assimilation.covariance.diagonal(0.25).solve(tensor([1, 2])); // [4, 8]
 */
export function diagonal(variances: number | Tensor): Covariance {
  const kind = 'covariance.diagonal';
  const given = checkVariances(kind, variances);
  if (typeof given === 'number') {
    const [precision, deviation] = [1 / given, Math.sqrt(given)];
    const scaled = (by: number) => (x: Tensor) => mul(x, by);
    return covarianceOf({
      ...{ kind, check: () => {}, solve: scaled(precision), apply: scaled(given), precision, owned: [] },
      ...{ sqrt: scaled(deviation), sqrtTranspose: scaled(deviation) },
      energy: (x, axis) => mul(sum(square(x), { axis }), precision),
    });
  }
  const tensors = scope(() => [add(given, 0), div(1, given), sqrt(given)]);
  const [variance, precision, deviation] = tensors;
  const { shape, dtype } = variance;
  const scaled = (by: Tensor) => (x: Tensor) => mul(x, by);
  return covarianceOf({
    kind,
    check(name, argument, vector) {
      if (!broadcastsTo(shape, vector.shape))
        throw new ShapeError(
          `${name}: ${argument} must be vectors to which variances of shape ${show(shape)} broadcast, got shape ${show(vector.shape)}`,
        );
      checkSameDType(name, argument, kind, vector, dtype);
    },
    ...{ solve: scaled(precision), apply: scaled(variance), precision, owned: tensors },
    ...{ sqrt: scaled(deviation), sqrtTranspose: scaled(deviation) },
    energy: (x, axis) => sum(mul(square(x), precision), { axis }),
  });
}
