// The largest Lyapunov exponent, by the growth of a tangent.
import { jvp } from '../autodiff/jvp.js';
import { checkCount, checkObject } from '../core/check.js';
import { tensor } from '../core/create.js';
import { ArgumentError, ConvergenceError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { random } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { div } from '../ops/arithmetic.js';
import { log } from '../ops/exponential.js';
import { norm } from '../ops/norm.js';
import { isRecording } from '../ops/tracer.js';
import { untraced } from '../ops/untraced.js';
import { advanced, checkState, partsOf, type System, type SystemParts } from './system.js';
import { lastState } from './trajectory.js';

/** The largest Lyapunov exponent. */
export interface LyapunovExponent {
  /** Per unit of time. */
  exponent: number;
  /** 1 / exponent. */
  time: number;
  /** Of the exponent, from the means over ten parts of the run. */
  standardError: number;
}

/** Options of `lyapunovExponent`. */
export interface LyapunovOptions {
  /** Intervals over which the growth is averaged. */
  steps: number;
  /** Intervals before that; the tangent grows into the leading direction meanwhile. Default 0. */
  spinUp?: number;
}

const LYAPUNOV_OPTIONS: OptionNames<LyapunovOptions> = { steps: true, spinUp: true };

/** Parts of a run whose means give the standard error. */
const PARTS = 10;

/**
 * The largest Lyapunov exponent: the mean growth rate of a tangent that is normalised after every interval (Benettin et al., Meccanica 15, 1980). It reads
 * values, and has no derivative.
 * @param x0 one state, on the attractor or with `spinUp` intervals before.
 * @throws ShapeError, DTypeError for an x0 that is no single state; ConvergenceError for a state that is not finite; ArgumentError for options, and inside
 * compile and trace.
 * @example
 * const system = dynamics.lorenz96();
 * const [x] = [dynamics.sample(system, random(1), { count: 1 })];
 * dynamics.lyapunovExponent(system, reshape(x, [40]), { steps: 2000 }).exponent; // about 1.7
 */
export function lyapunovExponent(system: System, x0: Tensor, options: LyapunovOptions): LyapunovExponent {
  const name = 'lyapunovExponent';
  const own = partsOf(name, system);
  checkState(name, 'x0', own, x0);
  if (x0.ndim !== own.stateShape.length)
    throw new ShapeError(
      `${name}: x0 must be one state of shape ${show(own.stateShape)}, got ${show(x0.shape)}`,
    );
  checkObject(name, 'options', options);
  checkOptions(name, options, LYAPUNOV_OPTIONS);
  const { steps, spinUp = 0 } = options;
  checkCount(name, 'steps', steps, 1);
  checkCount(name, 'spinUp', spinUp);
  if (isRecording())
    throw new ArgumentError(`${name}: reads values, which are not known inside compile and trace`);
  untraced(name, 'x0', x0);
  const rates = growthOf(own, x0, spinUp, steps).map((growth) => growth / own.interval);
  const exponent = mean(rates);
  const means = Array.from({ length: Math.min(PARTS, steps) }, (_, i, { length } = rates) =>
    mean(
      rates.slice(
        Math.floor((i * length) / Math.min(PARTS, steps)),
        Math.floor(((i + 1) * length) / Math.min(PARTS, steps)),
      ),
    ),
  );
  const spread = means.reduce((total, m) => total + (m - exponent) * (m - exponent), 0);
  return {
    exponent,
    time: 1 / exponent,
    standardError:
      means.length > 1 ? Math.sqrt(spread / (means.length * (means.length - 1))) : Number.POSITIVE_INFINITY,
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Logarithms of the growth in each interval behind the first `spinUp`. */
function growthOf(own: SystemParts, x0: Tensor, spinUp: number, steps: number): number[] {
  const growth = new Float64Array(steps);
  scope(() => {
    lastState('lyapunovExponent', own, x0, 0);
    let x = x0;
    let v = scope(() => unit(random(0).normal(x0.shape, { dtype: own.dtype })));
    for (let i = 0; i < spinUp + steps; i++) {
      const next = scope(() => {
        const { value, tangent } = jvp((y: Tensor) => advanced(own, y, 'none'), [x], [v]);
        return { value, tangent: unit(tangent), size: norm(tangent) };
      });
      const size = next.size.item();
      if (!Number.isFinite(size) || size === 0) {
        throw new ConvergenceError(
          `lyapunovExponent: at time ${(i + 1) * own.interval} the tangent has grown by ${size}, which has no logarithm`,
          (i + 1) * own.innerSteps,
          size,
        );
      }
      if (i >= spinUp) growth[i - spinUp] = size;
      next.size.dispose();
      if (x !== x0) x.dispose();
      v.dispose();
      x = next.value;
      v = next.tangent;
    }
  });
  return [...scope(() => log(tensor(growth)).toTypedArray() as Float64Array)];
}

const unit = (x: Tensor): Tensor => div(x, norm(x));
