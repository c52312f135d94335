// d = g / (diag(Ãᵀ Ã) + 1/τ): Levenberg-Marquardt damping with the diagonal only.

import { full } from '../../core/create.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import { add, div } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import type { Layer } from '../layers/layer.js';
import { rowsOf } from './gram.js';
import {
  checkModel,
  LAYERWISE_OPTIONS,
  type Layerwise,
  type LayerwiseOptions,
  layerwiseOf,
} from './layerwise.js';
import { checkTau } from './proxprop.js';
import type { LayerRule } from './sweep.js';

/** The rule. */
export function diagonalRule(tau: number): LayerRule {
  return (step) => {
    const { linear, params } = step;
    const { a, n, hasBias } = rowsOf(step);
    const squares = sum(square(a), { axis: 0, keepDims: true });
    const diagonal = hasBias ? concat([squares, full([1, 1], n, { dtype: a.dtype })], 1) : squares;
    return linear.params(div(linear.matrix(step.gradient), add(diagonal, 1 / tau)), params);
  };
}

/** Options of `diagonalStep`. */
export interface DiagonalStepOptions extends LayerwiseOptions {
  /** The damping is 1/tauTheta; default 1. */
  tauTheta?: number;
}

const DIAGONAL_STEP_OPTIONS: OptionNames<DiagonalStepOptions> = /* @__PURE__ */ joinNames(LAYERWISE_OPTIONS, {
  tauTheta: true,
});

/**
 * The direction of `proxprop` with the diagonal of Ãᵀ Ã instead of the whole matrix: d = g / (diag(Ãᵀ Ã) + 1/tauTheta),
 * as Levenberg and Marquardt damp Gauss-Newton steps. It costs no more than the gradient.
 * @example
 * const { loss, direction } = nn.diagonalStep(model).direction(params, x, labels);
 */
export function diagonalStep<P>(model: Layer<P>, options: DiagonalStepOptions = {}): Layerwise<P> {
  checkOptions('diagonalStep', options, DIAGONAL_STEP_OPTIONS);
  const { tauTheta = 1 } = options;
  checkModel('diagonalStep', model);
  checkTau('diagonalStep', 'tauTheta', tauTheta);
  return layerwiseOf('diagonalStep', model, diagonalRule(tauTheta), options);
}
