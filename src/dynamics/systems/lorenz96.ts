// The Lorenz96 model.
import type { CheckpointSchedule } from '../../autodiff/schedule.js';
import { checkCount, checkFinite, checkOneOf, checkPositive } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { repeated } from '../repeated.js';
import { FLOATS, type System, systemOf } from '../system.js';
import { lorenz96Window, memberBytes, slopeOf, type WindowParams } from './lorenz96-rows.js';

/** Options of `lorenz96`. */
export interface Lorenz96Options {
  /** Variables; default 40, at least 4. */
  K?: number;
  /** Forcing; default 8. */
  F?: number;
  /** Time between two states of a trajectory; default 0.1. */
  interval?: number;
  /** Steps in an interval; default 10. */
  innerSteps?: number;
  /** Default 'rk4'. */
  method?: 'rk4' | 'euler';
  /** Default 'f64'. */
  dtype?: 'f64' | 'f32';
}

const LORENZ96_OPTIONS: OptionNames<Lorenz96Options> = {
  ...{ K: true, F: true, interval: true, innerSteps: true, method: true, dtype: true },
};

/** Standard deviation of the numbers of an initial state. */
const SPREAD = 10;
/** 20 units of time of the default interval. */
const SPIN_UP = 200;
/** Bytes of a member's stages up to which its window is computed as a whole: reverse mode may need workspace for them. */
const MOST_STAGES = 1 << 22;

/**
 * Lorenz's model of 1996 (Predictability: a problem partly solved, ECMWF): dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F, indices modulo K. Chaotic for
 * K = 40, F = 8, with a largest Lyapunov exponent of about 1.7. A state is [K]; `initial` draws 10 N(0, 1).
 * @throws ArgumentError for a K below 4 or no whole number, an F that is not finite, an interval that is not positive, innerSteps that are no positive whole
 * number, unknown names.
 * @example
 * const system = dynamics.lorenz96();
 * const truth = dynamics.trajectory(system, dynamics.spinUp(system, system.initial(random(1))), { steps: 10 }); // [11, 40]
 */
export function lorenz96(options: Lorenz96Options = {}): System {
  const name = 'lorenz96';
  checkOptions(name, options, LORENZ96_OPTIONS);
  const { K = 40, F = 8, interval = 0.1, innerSteps = 10, method = 'rk4', dtype = 'f64' } = options;
  checkCount(name, 'K', K, 4);
  checkFinite(name, 'F', F);
  checkPositive(name, 'interval', interval);
  checkCount(name, 'innerSteps', innerSteps, 1);
  checkOneOf(name, 'method', method, ['rk4', 'euler']);
  checkOneOf(name, 'dtype', dtype, FLOATS);
  const dt = interval / innerSteps;
  const one: WindowParams = { F, dt, inner: 1, intervals: 1, euler: method === 'euler', all: false };
  return systemOf({
    ...{ name, stateShape: [K], dtype, interval, innerSteps, spinUpSteps: SPIN_UP },
    tendency: (x) => slopeOf(x, F),
    step: (x) => lorenz96Window(x, one),
    advance: (x, checkpoint) => advance(x, { ...one, inner: innerSteps }, checkpoint),
    states(x: Tensor, intervals: number) {
      const window = { ...one, inner: innerSteps, intervals, all: true };
      return memberBytes(x, window) <= MOST_STAGES ? lorenz96Window(x, window) : undefined;
    },
    initial: (generator, batch) => generator.normal([...batch, K], { std: SPREAD, dtype }),
  });
}

/** One interval: in parts if its adjoint could not keep all of its stages. */
function advance(x: Tensor, window: WindowParams, checkpoint: CheckpointSchedule): Tensor {
  const { inner } = window;
  const member = memberBytes(x, window);
  if (member <= MOST_STAGES) return lorenz96Window(x, window);
  const part = Math.max(1, Math.floor((inner * MOST_STAGES) / member));
  const whole = Math.floor(inner / part);
  const y = repeated((z) => lorenz96Window(z, { ...window, inner: part }), x, whole, checkpoint);
  return inner === whole * part ? y : lorenz96Window(y, { ...window, inner: inner - whole * part });
}
