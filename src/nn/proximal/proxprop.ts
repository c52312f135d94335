// proxprop: backpropagation with implicit gradient steps for layers that are linear in their parameters: M d = g, M =
// I/τ + Ãᵀ Ã.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, joinNames, type OptionNames } from '../../core/options.js';
import type { Layer } from '../layers/layer.js';
import { conjugateGradientStep } from './conjugate-gradient-step.js';
import {
  checkModel,
  LAYERWISE_OPTIONS,
  type Layerwise,
  type LayerwiseOptions,
  layerwiseOf,
} from './layerwise.js';
import { proximalStep } from './proximal-step.js';
import type { LayerRule } from './sweep.js';

/** How the proximal steps are computed. */
export interface ProxpropOptions extends LayerwiseOptions {
  /**
   * 'exact', or `cg` iterations of conjugate gradients from zero: per output (`perUnit`, the default for dense layers)
   * or over the whole layer (the default for convolutions).
   */
  mode: 'exact' | { cg: number; perUnit?: boolean };
  /** The step size τ_θ of the proximal steps, which defines the metric of the direction; default 1. */
  tauTheta?: number;
}

const PROXPROP_OPTIONS: OptionNames<ProxpropOptions> = /* @__PURE__ */ joinNames(LAYERWISE_OPTIONS, {
  mode: true,
  tauTheta: true,
});

/** Checks a positive number. */
export function checkTau(name: string, argument: string, value: unknown): void {
  if (!(typeof value === 'number' && value > 0 && Number.isFinite(value)))
    throw new ArgumentError(`${name}: ${argument} must be a positive number, got ${describe(value)}`);
}

/**
 * Proximal backpropagation: a direction instead of the gradient, for any optimizer. Every layer that is linear in its
 * parameters (dense, convolution), except the last, takes d = M⁻¹ g, where g is its gradient of the mean loss, M =
 * I/tauTheta + Ãᵀ Ã, and the rows of Ã are the inputs of the layer at all examples (and positions), with a 1 for the
 * bias; Ãᵀ Ã is a sum, not a mean. The last such layer (unless `lastLayer` is 'implicit') and layers of other kinds
 * (batch normalisation) take their gradient. The direction is always a descent direction, for any number of iterations,
 * and it is zero if the gradient is.
 *
 * 'exact' uses a Cholesky factorization with as many rows as there are examples or parameters per output, whichever is
 * less; { cg } applies M through the layer itself, or by a cheaper form. In f32, 1/tauTheta is raised to the rounding
 * error of Ãᵀ Ã if it is smaller.
 *
 * At very large steps (τ = 50 in the paper's Table 1) the explicit step of the last layer outgrows all others, and
 * accurate proximal steps follow it to infinity; with `lastLayer: 'implicit'` they do not, and cg1 and cg3 train there.
 * Source: Frerix, Möllenhoff, Moeller and Cremers, Proximal Backpropagation, ICLR 2018, equations (7) to (16).
 * @throws ArgumentError for invalid options, or if `model` is not a model.
 * @example
 * const oracle = nn.proxprop(model, { mode: { cg: 3 } });
 * const { loss, direction } = oracle.direction(params, x, labels);
 * optimizer.step(params, direction, state);
 */
export function proxprop<P>(model: Layer<P>, options: ProxpropOptions): Layerwise<P> {
  checkModel('proxprop', model);
  checkOptions('proxprop', options, PROXPROP_OPTIONS);
  const { mode, tauTheta = 1 } = options;
  checkTau('proxprop', 'tauTheta', tauTheta);
  if (mode === 'exact') return layerwiseOf('proxprop', model, proximalStep(tauTheta), options);
  if (typeof mode === 'object' && mode !== null)
    checkOptions('proxprop', mode, { cg: true, perUnit: true }, 'mode');
  const { cg: steps, perUnit } = typeof mode === 'object' && mode !== null ? mode : { cg: mode };
  if (!(Number.isInteger(steps) && (steps as number) >= 1))
    throw new ArgumentError(
      `proxprop: mode must be 'exact' or { cg: a positive integer, perUnit? }, got ${typeof mode === 'object' ? `{ cg: ${describe(steps)} }` : describe(mode)}`,
    );
  if (perUnit !== undefined && typeof perUnit !== 'boolean')
    throw new ArgumentError(`proxprop: mode.perUnit must be true or false, got ${describe(perUnit)}`);
  const rule = (units: boolean) =>
    conjugateGradientStep({ steps: steps as number, perUnit: units, tau: tauTheta });
  const [perOutput, whole] = [rule(true), rule(false)];
  // A layer with axes after the features is a convolution, or similar to one.
  const choose: LayerRule = (step) => ((perUnit ?? step.input.ndim <= 2) ? perOutput : whole)(step);
  return layerwiseOf('proxprop', model, choose, options);
}
