// argmin Σ w_i (a_iᵀx - b_i)² + lambda |x|² as a node: what leastSquares and ridge have in common.
//
// Let r = b - A x and N = AᵀWA + lambda I; then N x = AᵀW b. So dx = N⁻¹ (Aᵀ W (db - dA x) + dAᵀ W r + Aᵀ dW r -
// dlambda x); and for a cotangent v of x and z = N⁻¹ v: A gets W r zᵀ - W A z xᵀ, b gets W A z, w_i gets r_i (A z)_i,
// lambda gets -zᵀx. Nothing in it divides by a weight. Below, A, r and N count times a unit, so that no square overflows.
// Source: Gould, Hartley and Campbell, Deep Declarative Networks (2022); (53) of the notes on differentiable optimisation
// for lambda.
import type { Tensor } from '../../core/tensor.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import type { Batch } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { normalSolve, times, timesNumber, timesTransposed, twoOuter, weighted } from './normal-solve.js';
import { type LeastSquaresParts, type RowOptions, solveRows } from './solve-rows.js';

/** Solves a batch whose parts are A, b, and weights or lambda or neither. */
export function rowsNode(batch: Batch, options: RowOptions): Tensor {
  const { count, dtype, sizes } = batch;
  const { n } = sizes;
  const names = Object.keys(batch.parts) as (keyof LeastSquaresParts)[];
  const partsOf = (inputs: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, inputs[i]])) as unknown as LeastSquaresParts;
  const at = ({ inputs, outputs: [x, r, p, unit] }: Linearization<undefined>) => {
    const parts = partsOf(inputs);
    const inUnits = (y: Tensor) => timesNumber(unit, y);
    const { A, b } = parts;
    return { matrix: { ...parts, r, p, unit }, x, inUnits, residual: () => inUnits(sub(b, times(A, x))) };
  };
  return callNode({
    batch,
    options,
    smooth: 1,
    outputs: [
      { shape: [count, n], dtype },
      { shape: [count, n, n], dtype: 'f64' },
      { shape: [count, n], dtype: 'i32' },
      { shape: [count], dtype },
    ],
    run: (outputs, inputs) => solveRows(batch, outputs, partsOf(inputs), options),
    jvp(tangents, point) {
      const t = Object.fromEntries(names.map((name, i) => [name, tangents[i]]));
      const { matrix, x, inUnits, residual } = at(point);
      const r = t.A || t.weights ? residual() : undefined;
      let moved: Derivative = t.b;
      if (t.A) moved = moved ? sub(moved, times(t.A, x)) : neg(times(t.A, x));
      moved = moved && weighted(inUnits(moved), matrix.weights);
      if (t.weights) moved = plus(moved, mul(t.weights, r as Tensor));
      let side = moved && timesTransposed(matrix.A, moved);
      if (t.A) side = plus(side, timesTransposed(t.A, weighted(r as Tensor, matrix.weights)));
      if (t.lambda) side = plus(side, neg(timesNumber(t.lambda, inUnits(x))));
      return side && normalSolve(matrix, inUnits(side));
    },
    vjp([ct], point) {
      const wanted = Object.fromEntries(names.map((name, i) => [name, point.wanted[i]]));
      const { matrix, x, inUnits, residual } = at(point);
      const z = normalSolve(matrix, ct as Tensor);
      const found: Partial<Record<keyof LeastSquaresParts, Tensor>> = {};
      if (wanted.A || wanted.b || wanted.weights) {
        const Az = inUnits(times(matrix.A, z));
        found.b = inUnits(weighted(Az, matrix.weights));
        const r = wanted.A || wanted.weights ? residual() : undefined;
        if (wanted.A) found.A = twoOuter(inUnits(weighted(r as Tensor, matrix.weights)), z, neg(found.b), x);
        if (wanted.weights) found.weights = mul(r as Tensor, Az);
      }
      if (wanted.lambda) found.lambda = neg(sum(mul(inUnits(z), inUnits(x)), { axis: -1 }));
      return names.map((name) => found[name]);
    },
  })[0];
}
