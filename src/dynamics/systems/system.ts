// dynamics.system: a system from a user's function.
import { checkCount, checkFunction, checkOneOf, checkPositive } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Generator } from '../../core/random/generator.js';
import { checkShape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { eulerStep, rk4Step } from '../integrate/runge-kutta.js';
import { FLOATS, ownState, type System, type SystemParts, systemOf } from '../system.js';

/** What `system` is made of: one of `tendency`, `step` and `advance`. */
export interface SystemOptions {
  /** Shape of one state; [] for a number. */
  stateShape: readonly number[];
  /** Time between two states of a trajectory; default 1. */
  interval?: number;
  /** Internal steps in an interval; default 1. */
  innerSteps?: number;
  /** Default 'f64'. */
  dtype?: 'f64' | 'f32';
  /** Name in messages; default 'system'. */
  name?: string;
  /** Intervals after which `initial` is on the attractor; default 0. */
  spinUpSteps?: number;
  /** A random state [...batch, ...state]; default standard normal numbers. */
  initial?: (generator: Generator, options: { batch: number[] }) => Tensor;
  /** dx/dt; systems do not depend on time: t is 0. */
  tendency?: (x: Tensor, t: number) => Tensor;
  /** Of a tendency: 'rk4' (default) or 'euler', in steps of interval / innerSteps. */
  method?: 'rk4' | 'euler';
  /** One internal step. */
  step?: (x: Tensor) => Tensor;
  /** One interval; innerSteps is 1 then. */
  advance?: (x: Tensor) => Tensor;
}

const SYSTEM_OPTIONS: OptionNames<SystemOptions> = {
  ...{ stateShape: true, interval: true, innerSteps: true, dtype: true, name: true, spinUpSteps: true },
  ...{ initial: true, tendency: true, method: true, step: true, advance: true },
};

/**
 * A system from a function of states [...batch, ...stateShape]: its `tendency` (dx/dt), its `step`, or its `advance` by an interval. The function is
 * differentiated and compiled like any other; it must treat members of a batch apart from each other.
 * @returns the system; `dynamics.trajectory`, `spinUp` and `assimilation` take it.
 * @throws ArgumentError for not exactly one of the three functions, an interval that is not positive and finite, counts that are no positive integers,
 * unknown names. When it runs: ShapeError and DTypeError if a function does not return the state's shape and dtype.
 * @example
 * const pendulum = dynamics.system({
 *   stateShape: [2],
 *   interval: 0.1,
 *   innerSteps: 4,
 *   tendency: (x) => stack([take(x, 1, -1), neg(sin(take(x, 0, -1)))], -1),
 * });
 * dynamics.trajectory(pendulum, tensor([1, 0]), { steps: 100 }); // [101, 2]
 */
export function system(options: SystemOptions): System {
  checkOptions('system', options, SYSTEM_OPTIONS);
  const { interval = 1, innerSteps = 1, dtype = 'f64', name = 'system', spinUpSteps = 0 } = options;
  const stateShape = checkShape('system', options.stateShape);
  checkPositive('system', 'interval', interval);
  checkCount('system', 'innerSteps', innerSteps, 1);
  checkOneOf('system', 'dtype', dtype, FLOATS);
  checkCount('system', 'spinUpSteps', spinUpSteps);
  if (typeof name !== 'string')
    throw new ArgumentError(`system: name must be a string, got ${describe(name)}`);
  const { initial } = options;
  if (initial !== undefined) checkFunction('system', 'initial', initial);
  return systemOf({
    ...{ name, stateShape, dtype, interval, innerSteps, spinUpSteps },
    ...motionOf(name, interval / innerSteps, innerSteps, options),
    initial(generator, batch) {
      const shape = [...batch, ...stateShape];
      if (initial === undefined) return generator.normal(shape, { dtype });
      const x: unknown = initial(generator, { batch: [...batch] });
      return ownState(name, 'what initial returns', x, { shape, dtype });
    },
  });
}

/** How the system moves, by the one function that was given. */
function motionOf(
  name: string,
  dt: number,
  innerSteps: number,
  { tendency, method, step, advance }: SystemOptions,
): Pick<SystemParts, 'tendency' | 'step'> {
  const given = Object.entries({ tendency, step, advance }).filter(([, f]) => f !== undefined);
  if (given.length !== 1) {
    const names = given.map(([which]) => which).join(' and ');
    throw new ArgumentError(
      `system: one of tendency, step and advance is wanted, got ${names === '' ? 'none' : names}`,
    );
  }
  checkFunction('system', given[0][0], given[0][1]);
  if (method !== undefined) checkOneOf('system', 'method', method, ['rk4', 'euler']);
  if (tendency === undefined && method !== undefined)
    throw new ArgumentError(`system: method belongs to tendency, got ${given[0][0]}`);
  if (advance !== undefined && innerSteps !== 1)
    throw new ArgumentError(
      `system: innerSteps belongs to tendency and step, got ${innerSteps} with advance, which is one interval`,
    );
  if (tendency !== undefined) {
    const slope = (x: Tensor, t: number) => ownState(name, 'what tendency returns', tendency(x, t), x);
    const one = method === 'euler' ? eulerStep : rk4Step;
    return { tendency: slope, step: (x) => one(([y], t) => [slope(y, t)], [x], 0, dt)[0] };
  }
  const [[which]] = given;
  const next = (step ?? advance) as (x: Tensor) => Tensor;
  return { step: (x) => ownState(name, `what ${which} returns`, next(x), x) };
}
