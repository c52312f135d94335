// simulate: trajectories of a system's attractor with their observations, for training and for experiments.

import { checkCount } from '../core/check.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { membersTogether, sample } from '../dynamics/sample.js';
import { partsOf, type System } from '../dynamics/system.js';
import { trajectory } from '../dynamics/trajectory.js';
import { concat } from '../ops/concat.js';
import { observe } from './operators/observe.js';
import { type ObservationFunction, type ObservationOperator, observerOf } from './operators/operator.js';

/** Options of `simulate`. */
export interface SimulateOptions {
  /** Trajectories. */
  count: number;
  /** States of each; the first is on the attractor. */
  states: number;
  /** Intervals before the first state; default the system's `spinUpSteps`. */
  spinUp?: number;
  /** Trajectories that are advanced together; default as many as fit a processor's cache. Results do not depend on it. */
  batchSize?: number;
}

const SIMULATE_OPTIONS: OptionNames<SimulateOptions> = {
  ...{ count: true, states: true, spinUp: true, batchSize: true },
};

/**
 * Independent trajectories of the attractor, and what is observed of every state.
 * @returns states [count, states, ...state] and observations [count, states, ...observation], without noise.
 * @throws as `dynamics.sample` and `dynamics.trajectory`; ArgumentError for counts that are no positive whole numbers.
 * @example
 * const { states, observations } = assimilation.simulate(system, operator, random(1), { count: 1000, states: 10 });
 */
export function simulate(
  system: System,
  operator: ObservationOperator | ObservationFunction,
  generator: Generator,
  options: SimulateOptions,
): { states: Tensor; observations: Tensor } {
  const name = 'simulate';
  const own = partsOf(name, system);
  observerOf(name, operator);
  checkGenerator(name, 'generator', generator);
  checkOptions(name, options, SIMULATE_OPTIONS);
  const { count, states: length, spinUp = own.spinUpSteps } = options;
  const { batchSize = membersTogether(own) } = options;
  checkCount(name, 'count', count, 1);
  checkCount(name, 'states', length, 1);
  checkCount(name, 'spinUp', spinUp);
  checkCount(name, 'batchSize', batchSize, 1);
  const stateAxes = own.stateShape.length;
  return scope(() => {
    const [states, observations]: Tensor[][] = [[], []];
    for (let done = 0; done < count; done += batchSize) {
      const part = scope(() => {
        const first = sample(system, generator, { count: Math.min(batchSize, count - done), steps: spinUp });
        const path = trajectory(system, first, { steps: length - 1 });
        return { path, seen: observe(operator, path, { stateAxes }) };
      });
      states.push(part.path);
      observations.push(part.seen);
    }
    const joined = (parts: Tensor[]) => (parts.length === 1 ? parts[0] : concat(parts, 0));
    return { states: joined(states), observations: joined(observations) };
  });
}
