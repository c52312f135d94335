// Reduces the learning rate when a metric no longer improves.

import { checkAtLeast, checkBetween, checkLimit } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';

/** Options of `reduceOnPlateau`. */
export interface PlateauOptions {
  /** The factor of a reduction, in (0, 1); default 0.1. */
  factor?: number;
  /** Number of consecutive updates allowed without improvement; default 10. */
  patience?: number;
  /** The relative improvement that counts; default 1e-4. */
  threshold?: number;
  /** 'min' (default): smaller is better; 'max': larger is better. */
  mode?: 'min' | 'max';
  /** Updates after a reduction that do not count; default 0. */
  cooldown?: number;
  /** The scale does not fall below this; default 0. */
  least?: number;
}

const PLATEAU_OPTIONS: OptionNames<PlateauOptions> = {
  factor: true,
  patience: true,
  threshold: true,
  mode: true,
  cooldown: true,
  least: true,
};

/** The state of `reduceOnPlateau`: numbers. */
export interface PlateauState {
  scale: number;
  /** null before the first update. */
  best: number | null;
  /** Updates in a row without an improvement. */
  bad: number;
  cooldown: number;
}

/**
 * Annealing by a metric, usually of a validation set. Functional: nothing is changed in place. A metric of NaN is not
 * an improvement.
 * Source: PyTorch's ReduceLROnPlateau with a relative threshold.
 * @throws ArgumentError for invalid options.
 * @example
 * const plateau = optim.reduceOnPlateau({ patience: 3 });
 * let { scale, state } = plateau.update(1, plateau.init());
 * const optimizer = optim.adam({ learningRate: () => 1e-3 * scale });
 * ({ scale, state } = plateau.update(0.5, state)); // after every epoch, with its loss
 */
export function reduceOnPlateau(options: PlateauOptions = {}): {
  init(): PlateauState;
  update(metric: number, state: PlateauState): { scale: number; state: PlateauState };
} {
  const name = 'reduceOnPlateau';
  checkOptions(name, options, PLATEAU_OPTIONS);
  const { factor = 0.1, patience = 10, threshold = 1e-4, mode = 'min', cooldown = 0, least = 0 } = options;
  checkBetween(name, 'factor', factor, 0, 1);
  checkLimit(name, 'patience', patience);
  checkAtLeast(name, 'threshold', threshold, 0);
  checkLimit(name, 'cooldown', cooldown);
  checkAtLeast(name, 'least', least, 0);
  if (mode !== 'min' && mode !== 'max')
    throw new ArgumentError(`${name}: mode must be 'min' or 'max', got ${describe(mode)}`);
  const isBetter = (metric: number, best: number) => {
    const enough = threshold * Math.abs(best);
    return mode === 'min' ? metric < best - enough : metric > best + enough;
  };
  return {
    init: () => ({ scale: 1, best: null, bad: 0, cooldown: 0 }),
    update(metric, state) {
      if (typeof metric !== 'number' || typeof state?.scale !== 'number') {
        throw new ArgumentError(
          `${name}: update takes a number and the state of init or of the last update, got ${describe(metric)} and ${describe(state)}`,
        );
      }
      const next = { ...state };
      if (state.best === null ? !Number.isNaN(metric) : isBetter(metric, state.best)) {
        next.best = metric;
        next.bad = 0;
      } else next.bad++;
      if (next.cooldown > 0) {
        next.cooldown--;
        next.bad = 0;
      }
      if (next.bad > patience) {
        next.scale = Math.max(least, next.scale * factor);
        next.cooldown = cooldown;
        next.bad = 0;
      }
      return { scale: next.scale, state: next };
    },
  };
}
