// u = argmin 1/2 |u - x|² + lambda Σ |u_{i+1} - u_i|, differentiable in x and lambda.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { asColumn } from '../../linalg/rules/matrix.js';
import { mul, plus } from '../../ops/arithmetic.js';
import { sum } from '../../ops/sum.js';
import { type Batch, batchOf, checkEntries, type NodeArgument } from '../problems/batch.js';
import { callNode, type Solved } from '../problems/node-row.js';
import { checkReporter, type ReportOptions, Residuals } from '../problems/report.js';
import { levelRate, segmentMean } from './derivative.js';
import { totalVariationResiduals } from './report.js';
import { totalVariationSolver } from './solve.js';

/** Options of `totalVariation`. */
export interface TotalVariationOptions extends ReportOptions {
  /** At least 0: a number, or a tensor [...] to differentiate in it. */
  lambda: NodeArgument;
  /**
   * 'exact' (default): the derivative in x averages over each segment. 'passThrough': the identity, as (171) of the
   * notes on differentiable optimisation has it, which is wrong wherever neighbours have become equal.
   */
  backward?: 'exact' | 'passThrough';
}

const TOTAL_VARIATION_OPTIONS: OptionNames<TotalVariationOptions> = {
  lambda: true,
  backward: true,
  onSolve: true,
};

/**
 * Total-variation denoising: the u that minimizes 1/2 |u - x|² + lambda Σ |u_{i+1} - u_i|, a piecewise constant signal.
 * Exact, in time linear in n. The derivative in x is the mean over each run of equal numbers of u (the notes' identity,
 * their (171), differs wherever neighbours have become equal); that in lambda moves each run towards its neighbours. At
 * lambda = 0 u is x, the derivative in x the identity, and that in lambda the one from the right.
 * @param x [..., n], f64 or f32.
 * @param options `lambda`; `backward`; `onSolve`; residuals: `stationarity`, `dual`, `complementarity`.
 * @returns u [..., n]; batch axes of x and lambda broadcast.
 * @throws ArgumentError for NaN, infinities, a negative or missing lambda; ShapeError, DTypeError.
 * Source: Johnson, A dynamic programming algorithm for the fused lasso and L0-segmentation (2013).
 * @example
 * nodes.totalVariation(tensor([0, 1, 5, 6]), { lambda: 1 }); // [1, 1, 5, 5]
 */
export function totalVariation(x: Tensor, options: TotalVariationOptions): Tensor {
  const name = 'totalVariation';
  checkOptions(name, options, TOTAL_VARIATION_OPTIONS);
  const { lambda, backward = 'exact', onSolve } = options;
  if (lambda === undefined)
    throw new ArgumentError(`${name}: lambda must be a number or a tensor, got undefined`);
  if (backward !== 'exact' && backward !== 'passThrough')
    throw new ArgumentError(`${name}: backward must be 'exact' or 'passThrough', got ${describe(backward)}`);
  checkReporter(name, onSolve);
  return scope(() => {
    const batch = batchOf(name, { x: [x, 'n'], lambda: [lambda] });
    const along = (v: Tensor, u: Tensor, weight: Tensor) =>
      backward === 'exact' ? segmentMean(v, u, weight) : v;
    return callNode({
      batch,
      options: { onSolve },
      smooth: 1,
      outputs: [{ shape: [batch.count, batch.sizes.n], dtype: batch.dtype }],
      run: ([u], inputs) => solve(batch, u, inputs, onSolve !== undefined),
      jvp([tx, tl], { inputs: [, weight], outputs: [u] }) {
        const moved = tx && along(tx, u, weight);
        return tl ? plus(moved, mul(asColumn(tl), levelRate(u))) : moved;
      },
      vjp: ([ct], { inputs: [, weight], outputs: [u], wanted }) => [
        wanted[0] ? along(ct as Tensor, u, weight) : undefined,
        wanted[1] ? sum(mul(ct as Tensor, levelRate(u)), { axis: -1 }) : undefined,
      ],
    })[0];
  });
}

function solve(batch: Batch, u: Tensor, [x, lambda]: readonly Tensor[], isReported: boolean): Solved {
  checkEntries(batch, 'x', x);
  const isWeight = (value: number) => Number.isFinite(value) && value >= 0;
  checkEntries(batch, 'lambda', lambda, isWeight, 'finite and at least 0');
  const residuals = new Residuals();
  residuals.note({ stationarity: 0, dual: 0, complementarity: 0 });
  const { n } = batch.sizes;
  const run = totalVariationSolver(n);
  const weights = lambda.data();
  for (let i = 0; i < batch.count; i++) {
    const [from, to] = [x, u].map((t) => t.data().subarray(i * n, (i + 1) * n));
    run(from, weights[i], to);
    if (isReported) residuals.note(totalVariationResiduals(from, weights[i], to));
  }
  return { iterations: 0, residuals };
}
