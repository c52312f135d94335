// Robust pooling as a declarative node: the number from which the points of a row differ least by a penalty.
import { checkOneOf, checkTensor } from '../../core/check.js';
import { ShapeError, SingularMatrixError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { div, mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { expandDims } from '../../ops/layout.js';
import { apply, type Linearization, type Op } from '../../ops/op.js';
import { abs } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import { type Batch, batchOf, checkEntries, type NodeArgument, problemText } from '../problems/batch.js';
import { callNode, type Solved } from '../problems/node-row.js';
import { down, up } from '../problems/precision.js';
import { checkLimits, defaultTolerance, Residuals, type ToleranceOptions } from '../problems/report.js';
import { PENALTIES, type PenaltyName } from './penalties.js';
import { poolOne, stationarity } from './pool.js';

/** Options of `robustPool`. */
export interface PoolOptions extends ToleranceOptions {
  /** Default 'huber'. */
  penalty?: PenaltyName;
  /** From what distance on points count less; above 0, [...batch] or a number, default 1. */
  alpha?: NodeArgument;
  /** Of 'welsch' and 'truncatedQuadratic': the minimum downhill from here is given; [...batch] or a number. */
  init?: NodeArgument;
}

const POOL_OPTIONS: OptionNames<PoolOptions> = {
  penalty: true,
  alpha: true,
  init: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
};

/**
 * y = argmin Σ φ(y - x_i; alpha) over the last axis, [...batch]. φ(z) is z²/2 ('quadratic': the mean),
 * alpha² (√(1 + z²/alpha²) - 1) ('pseudoHuber'), z²/2 up to alpha and alpha (|z| - alpha/2) beyond ('huber'),
 * 1 - exp(-z²/(2 alpha²)) ('welsch') or min(z², alpha²)/2 ('truncatedQuadratic'). The last two have several minima: the
 * one downhill from `init`, by default the better of those from the mean and the median.
 *
 * Derivatives in x and alpha, in both modes and of any order; a point at distance alpha counts as nearer.
 * Source: Gould, Hartley and Campbell, Deep Declarative Networks, IEEE TPAMI 44 (2022), section 5.1.
 * @param x [..., n] with n >= 1, f64 or f32.
 * @throws ArgumentError for NaN and Inf, alpha <= 0, an unknown penalty; ShapeError; ConvergenceError; when differentiated,
 *   SingularMatrixError if the sum has no curvature at y, so that the minimum is not unique.
 * @example
 * nodes.robustPool(tensor([0, 0.5, 100])); // 0.75
 */
export function robustPool(x: Tensor, options: PoolOptions = {}): Tensor {
  const name = 'robustPool';
  checkOptions(name, options, POOL_OPTIONS);
  const { penalty: kind = 'huber', alpha = 1, init } = options;
  checkTensor(name, 'x', x);
  checkOneOf(name, 'penalty', kind, Object.keys(PENALTIES) as PenaltyName[]);
  return scope(() => {
    const batch = batchOf(name, { x: [x, 'n'], alpha: [alpha], init: init === undefined ? init : [init] });
    const { count, dtype, sizes } = batch;
    if (sizes.n === 0)
      throw new ShapeError(`${name}: x must have shape [..., n] with n >= 1, got ${show(x.shape)}`);
    const limits = checkLimits(name, options, { tolerance: defaultTolerance(dtype), maxIterations: 10_000 });
    const partials = (point: Linearization<undefined>) => partialsAt(kind, batch, point);
    const [y] = callNode({
      batch,
      smooth: 1,
      outputs: [{ shape: [count], dtype }],
      limits,
      options,
      run: ([y], inputs) => solve(kind, batch, y, inputs, limits.maxIterations),
      jvp([tx, tAlpha], point) {
        if (!tx && !tAlpha) return undefined;
        const { inX, inAlpha } = partials(point);
        const moved = tx && sum(mul(inX, up(tx)), { axis: 1 });
        return down(plus(moved, tAlpha && inAlpha && mul(inAlpha, up(tAlpha))), dtype);
      },
      vjp([ct], point) {
        const { inX, inAlpha } = partials(point);
        const v = up(ct as Tensor);
        return [
          point.wanted[0] ? down(mul(expandDims(v, 1), inX), dtype) : undefined,
          point.wanted[1] ? down(inAlpha && mul(v, inAlpha), dtype) : undefined,
        ];
      },
    });
    return y;
  });
}

function solve(
  kind: PenaltyName,
  batch: Batch,
  y: Tensor,
  [x, alpha, init]: readonly Tensor[],
  limit: number,
): Solved {
  checkEntries(batch, 'x', x);
  const isPositive = (v: number) => v > 0 && v < Number.POSITIVE_INFINITY;
  checkEntries(batch, 'alpha', alpha, isPositive, 'finite and above 0');
  if (init) checkEntries(batch, 'init', init);
  const residuals = new Residuals();
  const { n } = batch.sizes;
  let [iterations, worst, worstError] = [0, 0, 0];
  for (let k = 0; k < batch.count; k++) {
    const sorted = Float64Array.from(x.data().subarray(k * n, (k + 1) * n)).sort();
    const a = alpha.data()[k];
    const found = poolOne(kind, sorted, a, init?.data()[k], limit);
    y.data()[k] = found.y;
    iterations = Math.max(iterations, found.iterations);
    const error = stationarity(kind, sorted, a, found.y);
    residuals.note({ stationarity: error });
    if (!(error <= worstError)) [worst, worstError] = [k, error];
  }
  if (batch.count === 0) residuals.note({ stationarity: 0 });
  return { iterations, residuals, worst };
}

/** dy/dx [count, n] and dy/dalpha [count]: the root of Σ φ'(y - x_i) moves by the implicit function theorem. */
function partialsAt(kind: PenaltyName, batch: Batch, { inputs, outputs }: Linearization<undefined>) {
  const [x, alpha] = inputs.map(up);
  const z = sub(expandDims(up(outputs[0]), 1), x);
  const slack = batch.dtype === 'f64' ? 2 ** -49 : 2 ** -20;
  const [inZ, inAlpha] = PENALTIES[kind].partials(z, expandDims(alpha, 1), slack);
  const one = { axis: 1 } as const;
  const total = apply(curvatureOp, [sum(inZ, one), sum(abs(inZ), one)], { batch });
  return { inX: div(inZ, expandDims(total, 1)), inAlpha: inAlpha && neg(div(sum(inAlpha, one), total)) };
}

/** Row of the table: a sum of curvatures, which must be more than rounding of its terms. */
const curvatureOp: Op<{ batch: Batch }> = {
  name: 'curvature',
  shape: ([total]) => total,
  prepare:
    ([out], [total, terms], { batch }) =>
    () => {
      const [sums, sizes] = [total.data(), terms.data()];
      for (let k = 0; k < sums.length; k++)
        if (!(sums[k] > 1e-13 * sizes[k]))
          throw new SingularMatrixError(
            `${batch.name}: no derivative, as the minimum is not unique: there is no curvature at the solution` +
              problemText(batch, k),
            k,
          );
      out.data().set(sums);
    },
  jvp: ([t]) => t,
  vjp: ([ct]) => [ct, undefined],
};
