// Derivatives of eigenvalues and eigenvectors, all of them or those at `indices`.
import { tensor } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { asColumn, asRow, symmetrized } from '../../linalg/rules/matrix.js';
import { inverseGaps, reciprocal } from '../../linalg/rules/reciprocal.js';
import { tiesBackward } from '../../linalg/rules/ties-backward.js';
import { tiesForward } from '../../linalg/rules/ties-forward.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { scatterAddOp, take } from '../../ops/take.js';
import { symmetricProduct, turns } from './symmetric-product.js';

type Indices = readonly number[] | undefined;

/** The entries of values [count, n] or the columns of vectors [count, n, n] at these positions. */
export function chosenOf(x: Tensor, indices: Indices): Tensor {
  return indices === undefined ? x : take(x, indices, x.ndim - 1);
}

/** The transpose: zeros at the other positions. */
export function spread(x: Tensor, indices: Indices, n: number): Tensor {
  if (indices === undefined) return x;
  const list = tensor(Int32Array.from(indices), { dtype: 'i32' });
  try {
    return apply(scatterAddOp, [x, list], { axis: x.ndim - 1, extent: n });
  } finally {
    list.dispose();
  }
}

/**
 * Row of the table: 0, with the derivative of its input. Terms between equal eigenvalues are left out of a tangent by it;
 * where they are not known, the derivative of the tangent is NaN nevertheless.
 */
export const leftOutOp: Op = {
  name: 'leftOut',
  shape: ([x]) => x,
  prepare:
    ([out]) =>
    () =>
      void out.data().fill(0),
  jvp: ([t]) => t,
  vjp: ([ct]) => [ct],
};

/** Tangents of the chosen values and vectors, then of all of them. */
export function tangents(t: Tensor, values: Tensor, vectors: Tensor, indices: Indices): Tensor[] {
  const moved = matmul(symmetrized(t), vectors);
  const m = matmul(vectors, moved, { transposeA: true });
  const { turns: unknown, changes } = tiesForward(values, m, false);
  const turned = mul(inverseGaps(values), m);
  const known = chosenOf(add(turned, apply(leftOutOp, [unknown], undefined)), indices);
  const slopes = add(sum(mul(vectors, moved), { axis: -2 }), changes);
  return [chosenOf(slopes, indices), matmul(vectors, known), slopes, matmul(vectors, add(turned, unknown))];
}

/** The cotangent of X from those of all values and vectors. */
export function wholeCotangent([cw, cv]: readonly Derivative[], values: Tensor, vectors: Tensor): Tensor {
  if (cv === undefined) {
    const known = add(cw as Tensor, tiesBackward(values, cw, [undefined], false));
    return symmetricProduct(mul(vectors, asRow(known)), vectors);
  }
  const turned = matmul(vectors, cv, { transposeA: true });
  const ties = tiesBackward(values, cw, [{ inner: turned, whole: cv }], false);
  return symmetricProduct(matmul(vectors, turns(values, turned, ties, cw)), vectors);
}

/** The cotangent of X from those of the chosen values and vectors, in O(n² k). */
export function chosenCotangent(
  [cw, cv]: readonly Derivative[],
  values: Tensor,
  vectors: Tensor,
  indices: readonly number[],
): Tensor {
  const n = values.shape[1];
  const v = chosenOf(vectors, indices);
  const spreadValues = cw && spread(cw, indices, n);
  let left: Tensor;
  if (cv) {
    const turned = matmul(vectors, cv, { transposeA: true });
    const [inner, whole] = [turned, cv].map((x) => spread(x, indices, n));
    const ties = tiesBackward(values, spreadValues, [{ inner, whole }], false);
    const gaps = reciprocal(sub(asRow(chosenOf(values, indices)), asColumn(values)), values);
    left = matmul(vectors, add(mul(gaps, turned), chosenOf(ties, indices)));
    if (cw) left = add(left, mul(v, asRow(cw)));
  } else {
    const ties = tiesBackward(values, spreadValues, [undefined], false);
    left = mul(v, asRow(add(cw as Tensor, chosenOf(ties, indices))));
  }
  return symmetrized(matmul(left, v, { transposeB: true }));
}
