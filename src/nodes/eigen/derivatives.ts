// Derivatives of eigenvalues and eigenvectors, all of them or those at `indices`.
import type { Tensor } from '../../core/tensor.js';
import { asRow, symmetrized } from '../../linalg/rules/matrix.js';
import { tiesBackward } from '../../linalg/rules/ties-backward.js';
import { tiesForward } from '../../linalg/rules/ties-forward.js';
import { add, mul, plus } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { blocksOf, quotient } from './blocks.js';
import { chosenOf, type Indices, spread } from './chosen.js';
import { symmetricProduct, turns } from './symmetric-product.js';

/** All values and vectors, and the blocks of Vᵀ X V, as outputs of the node. */
export type Eigensystem = readonly Tensor[];

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

/** Tangents of the chosen values and vectors, if only some are, then of the eigensystem. */
export function tangents(t: Tensor, [values, vectors, blocks]: Eigensystem, indices: Indices): Tensor[] {
  const moved = matmul(symmetrized(t), vectors);
  const m = matmul(vectors, moved, { transposeA: true });
  const { turns: unknown, changes } = tiesForward(values, m, false);
  const turned = add(quotient(values, m, blocks, undefined), apply(leftOutOp, [unknown], undefined));
  const slopes = add(sum(mul(vectors, moved), { axis: -2 }), changes);
  const whole = [slopes, matmul(vectors, turned)];
  const chosen = indices === undefined ? [] : whole.map((x) => chosenOf(x, indices));
  return [...chosen, ...whole, blocksOf(values, m)];
}

/** The cotangent of X from those of the eigensystem. */
export function wholeCotangent([cw, cv, cb]: readonly Derivative[], system: Eigensystem): Tensor {
  const [values, vectors, blocks] = system;
  const inner = cb && symmetrized(blocksOf(values, cb));
  let left: Derivative;
  if (cv) {
    const turned = matmul(vectors, cv, { transposeA: true });
    const ties = tiesBackward(values, cw, [{ inner: turned, whole: cv }], false);
    left = matmul(vectors, turns(values, turned, plus(ties, inner) as Tensor, blocks, cw));
  } else {
    if (cw) left = mul(vectors, asRow(add(cw, tiesBackward(values, cw, [undefined], false))));
    if (inner) left = plus(left, matmul(vectors, inner));
  }
  return symmetricProduct(left as Tensor, vectors);
}

/** The cotangent of X from those of the chosen values and vectors, in O(n² k). */
export function chosenCotangent(
  [cw, cv]: readonly Derivative[],
  [values, vectors, blocks]: Eigensystem,
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
    left = matmul(vectors, add(quotient(values, turned, blocks, indices), chosenOf(ties, indices)));
    if (cw) left = add(left, mul(v, asRow(cw)));
  } else {
    const ties = tiesBackward(values, spreadValues, [undefined], false);
    left = mul(v, asRow(add(cw as Tensor, chosenOf(ties, indices))));
  }
  return symmetrized(matmul(left, v, { transposeB: true }));
}
