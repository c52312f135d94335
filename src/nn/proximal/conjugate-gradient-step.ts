// M d = g with M = I/τ + Ãᵀ Ã by a fixed number of conjugate gradient steps from zero, with the cheapest form of M.

import { zeros } from '../../core/create.js';
import { cubed } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { greater } from '../../ops/compare.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';
import { extended, guarded, innerGram, outerGram, type Rows, rowsOf } from './gram.js';
import type { LayerRule, LayerStep } from './sweep.js';

/** How M is applied: through the layer, by Ãᵀ Ã, or by the eigenvalues of Ã Ãᵀ. */
export type Form = 'layer' | 'inner' | 'spectral';

/** One system per output, or one for all. */
export interface CgStepOptions {
  steps: number;
  perUnit: boolean;
  tau: number;
  /** Default: the form with the least work. */
  form?: Form;
}

/** a / b, and 0 for 0 / 0: the system is solved. NaN stays NaN. */
const ratio = (a: Tensor, b: Tensor): Tensor => div(a, where(greater(b, 0), b, 1));

/**
 * `steps` iterations of the textbook method (Nocedal and Wright, Numerical Optimization, algorithm 5.2) from zero,
 * without a stopping test, so that it can be compiled. M and the inner product are arguments; α and β have the shape of
 * the inner product.
 */
function conjugateGradients(
  g: Tensor,
  steps: number,
  product: (p: Tensor) => Tensor,
  inner: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  let [x, r, p]: Tensor[] = [zeros(g.shape, { dtype: g.dtype }), g, g];
  let rr = inner(r, r);
  for (let i = 0; i < steps; i++) {
    const mp = product(p);
    const alpha = ratio(rr, inner(p, mp));
    x = i === 0 ? mul(alpha, p) : add(x, mul(alpha, p));
    if (i === steps - 1) break;
    r = sub(r, mul(alpha, mp));
    const next = inner(r, r);
    p = add(r, mul(ratio(next, rr), p));
    rr = next;
  }
  return x;
}

/** Multiplications of each form; an eigendecomposition counts as products of seven n³. */
function workOf({ n, k, out }: Rows, steps: number): Record<Form, number> {
  return {
    layer: 2 * steps * n * k * out,
    inner: n * k * k + steps * k * k * out,
    spectral: n * n * k + 3.5 * cubed(n) + 2 * n * n * out,
  };
}

/** The form with the least work. */
export function formOf(rows: Rows, steps: number): Form {
  const work = workOf(rows, steps);
  // A layer with few rows is cheap in every form; the first one named wins a tie.
  return (Object.keys(work) as Form[]).reduce((best, form) => (work[form] < work[best] ? form : best));
}

/**
 * The rule of approximate proximal steps (Proximal Backpropagation, section 4.2.2 and Proposition 5): a descent
 * direction for any number of steps.
 */
export function conjugateGradientStep(options: CgStepOptions): LayerRule {
  return (step) => {
    const rows = rowsOf(step);
    const form = options.form ?? formOf(rows, options.steps);
    const { linear, params } = step;
    const matrix = form === 'spectral' ? spectral(rows, options) : primal(step, rows, options, form);
    return linear.params(matrix, params);
  };
}

/** On D, [out, k]. */
function primal(step: LayerStep, rows: Rows, { steps, perUnit, tau }: CgStepOptions, form: Form): Tensor {
  const { linear, params } = step;
  const inner = (a: Tensor, b: Tensor) => sum(mul(a, b), { ...(perUnit && { axis: 1 }), keepDims: true });
  const s = form === 'inner' ? innerGram(rows) : undefined;
  const product = (p: Tensor) => {
    const normal =
      s === undefined ? linear.matrix(step.adjoint(step.forward(linear.params(p, params)))) : matmul(p, s);
    return add(normal, mul(p, 1 / tau));
  };
  return conjugateGradients(linear.matrix(step.gradient), steps, product, inner);
}

/**
 * The same iterates as D = Cᵀ Ã with C [n, out]: the gradient is C = u, M maps C to (I/τ + K) C with K = Ã Ãᵀ = V Λ Vᵀ,
 * and <C, C'> = tr(Cᵀ K C'). In the coordinates Vᵀ C all of that is elementwise, and sums have no cancellation.
 */
function spectral(rows: Rows, { steps, perUnit, tau }: CgStepOptions): Tensor {
  const { matrix, poison } = guarded(outerGram(rows));
  const { values, vectors } = eigh(matrix);
  const lambda = maximum(reshape(values, [rows.n, 1]), 0);
  const m = add(lambda, add(poison, 1 / tau));
  const inner = (a: Tensor, b: Tensor) =>
    sum(mul(lambda, mul(a, b)), { ...(perUnit && { axis: 0 }), keepDims: true });
  const c = conjugateGradients(matmul(vectors, rows.u, { transposeA: true }), steps, (p) => mul(m, p), inner);
  return matmul(matmul(vectors, c), extended(rows), { transposeA: true });
}
