// Some of the eigenvalues and eigenvectors: where they lie among all of them, and their cotangent in O(n² k).
import { tensor } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { asColumn, asRow, symmetrized } from '../../linalg/rules/matrix.js';
import { reciprocal } from '../../linalg/rules/reciprocal.js';
import { tiesBackward } from '../../linalg/rules/ties-backward.js';
import { add, mul, plus, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative } from '../../ops/op.js';
import { scatterAddOp, take } from '../../ops/take.js';

/** The entries of values [count, n] or the columns of vectors [count, n, n] at these positions. */
function chosenOf(x: Tensor, indices: readonly number[]): Tensor {
  return take(x, indices, x.ndim - 1);
}

/** The transpose: zeros at the other positions. */
function spread(x: Derivative, indices: readonly number[], n: number): Derivative {
  if (x === undefined) return undefined;
  const list = tensor(Int32Array.from(indices), { dtype: 'i32' });
  try {
    return apply(scatterAddOp, [x, list], { axis: x.ndim - 1, extent: n });
  } finally {
    list.dispose();
  }
}

/** Both of a pair. */
export function choose(whole: readonly Derivative[], indices: readonly number[]): Derivative[] {
  return whole.map((x) => x && chosenOf(x, indices));
}

/** Cotangents of all values and vectors: those of the chosen ones in their places, and their own. */
export function spreadCotangents(
  chosen: readonly Derivative[],
  whole: readonly Derivative[],
  indices: readonly number[],
  n: number,
): Derivative[] {
  return chosen.map((ct, i) => plus(spread(ct, indices, n), whole[i]));
}

/** The cotangent of X from those of the chosen values and vectors, at the outputs of the node. */
export function chosenCotangent(
  [cw, cv]: readonly Derivative[],
  [w, v, values, vectors]: readonly Tensor[],
  indices: readonly number[],
): Tensor {
  const n = values.shape[1];
  const spreadValues = spread(cw, indices, n);
  let left: Tensor;
  if (cv) {
    const turned = matmul(vectors, cv, { transposeA: true });
    const [inner, whole] = [turned, cv].map((x) => spread(x, indices, n) as Tensor);
    const ties = tiesBackward(values, spreadValues, [{ inner, whole }], false);
    const gaps = reciprocal(sub(asRow(w), asColumn(values)), values);
    left = matmul(vectors, add(mul(gaps, turned), chosenOf(ties, indices)));
    if (cw) left = add(left, mul(v, asRow(cw)));
  } else {
    const ties = tiesBackward(values, spreadValues, [undefined], false);
    left = mul(v, asRow(add(cw as Tensor, chosenOf(ties, indices))));
  }
  return symmetrized(matmul(left, v, { transposeB: true }));
}
