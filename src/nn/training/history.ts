// The history of a training run, and decisions based on it: the best epoch, early stopping, smaller steps on a plateau.

import { checkAtLeast, checkLimit } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { PlateauState, reduceOnPlateau } from '../../optim/stochastic/plateau.js';

/** Numbers after every epoch, one list each; metrics by name, with validation prefixed, as in validationAccuracy. */
export interface History {
  /** Mean loss over the batches of the epoch, each measured before its step. */
  loss: number[];
  /** Validation loss of the parameters after the epoch; only with `validation`. */
  validationLoss?: number[];
  /** Seconds since the start. */
  seconds: number[];
  /** The factor on the steps; only with `reduceOnPlateau`. */
  scale?: number[];
  [metric: string]: number[] | undefined;
}

/** When to end training before the last epoch. */
export interface EarlyStopping {
  /** Number of consecutive epochs allowed without improvement; default 5. */
  patience?: number;
  /** The least change that counts as an improvement; default 0. */
  minDelta?: number;
  /** The list of the history to monitor; default 'validationLoss', without validation 'loss'. */
  monitor?: string;
  /** 'min': smaller is better, 'max': larger; default 'max' for an accuracy, else 'min'. */
  mode?: 'min' | 'max';
}

const EARLY_STOPPING: OptionNames<EarlyStopping> = {
  patience: true,
  minDelta: true,
  monitor: true,
  mode: true,
};

/** The best epoch. */
export interface Best {
  /** Counted from 1. */
  epoch: number;
  /** The value of the monitored list. */
  value: number;
}

/** The name of a validation metric: accuracy as validationAccuracy. */
export const validationName = (name: string): string => `validation${name[0].toUpperCase()}${name.slice(1)}`;

/** Early stopping: after each epoch, whether it was the best, and whether to stop. */
export class Stopper {
  best: Best | undefined;
  readonly #options: Required<EarlyStopping>;
  #bad = 0;

  constructor(name: string, options: EarlyStopping, monitors: readonly string[]) {
    checkOptions(name, options, EARLY_STOPPING, 'earlyStopping');
    const { patience = 5, minDelta = 0, monitor = monitors[0] } = options;
    const { mode = /accuracy$/i.test(monitor) ? 'max' : 'min' } = options;
    checkLimit(name, 'earlyStopping.patience', patience, 1);
    checkAtLeast(name, 'earlyStopping.minDelta', minDelta, 0);
    if (!monitors.includes(monitor))
      throw new ArgumentError(
        `${name}: earlyStopping.monitor must be one of ${monitors.join(', ')}, got ${describe(monitor)}`,
      );
    if (mode !== 'min' && mode !== 'max')
      throw new ArgumentError(`${name}: earlyStopping.mode must be 'min' or 'max', got ${describe(mode)}`);
    this.#options = { patience, minDelta, monitor, mode };
  }

  /** Adds an epoch (counted from 1). */
  note(epoch: number, history: History): { isBest: boolean; stop: boolean } {
    const { patience, minDelta, monitor, mode } = this.#options;
    const value = history[monitor]?.at(-1) ?? Number.NaN;
    const gain = this.best === undefined ? 0 : (this.best.value - value) * (mode === 'min' ? 1 : -1);
    // NaN is never better.
    const isBest = this.best === undefined ? !Number.isNaN(value) : gain > minDelta;
    if (isBest) this.best = { epoch, value };
    this.#bad = isBest ? 0 : this.#bad + 1;
    return { isBest, stop: this.#bad >= patience };
  }
}

/** The result of `optim.reduceOnPlateau`. */
export type Plateau = ReturnType<typeof reduceOnPlateau>;

/** The scale of steps, which `reduceOnPlateau` computes from a list of the history. */
export class Scale {
  value = 1;
  readonly #plateau: Plateau | undefined;
  readonly #monitor: string;
  #state: PlateauState | undefined;

  constructor(name: string, plateau: Plateau | undefined, monitor: string) {
    if (plateau !== undefined && typeof plateau?.update !== 'function')
      throw new ArgumentError(
        `${name}: reduceOnPlateau must be optim.reduceOnPlateau(…), got ${describe(plateau)}`,
      );
    this.#plateau = plateau;
    this.#monitor = monitor;
    this.#state = plateau?.init();
  }

  /** Adds an epoch. */
  note(history: History): void {
    if (this.#plateau === undefined || this.#state === undefined) return;
    (history.scale ??= []).push(this.value);
    const value = history[this.#monitor]?.at(-1) ?? Number.NaN;
    ({ scale: this.value, state: this.#state } = this.#plateau.update(value, this.#state));
  }
}
