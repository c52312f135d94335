// What the gradient of a window holds, counted in bytes of the linear memory: O(√T) states of T intervals, in eager gradients and in plans.
import * as ct from 'cotangent';
import { alone, exactMemory, growthOf } from './alone.js';

const { assimilation, compile, dynamics, grad, random, scope } = ct;

const LENGTHS = [64, 256, 1024, 4096];
const KINDS = { end: 'one observation at the end', all: 'all states observed' };

interface WindowOf {
  T: number;
  observed: keyof typeof KINDS;
}
interface Held {
  /** Bytes of a state, of growth in an eager gradient, and of a plan. */
  state: number;
  eager: number;
  plan: number;
  seconds: number;
}

/**
 * One window, in a process of its own: a flow of 64 x 64 in f32, with intervals of one step, since an interval keeps the states of its steps. Few points are observed,
 * so that the observations do not count.
 */
export async function heldBy({ T, observed }: WindowOf): Promise<Held> {
  await exactMemory();
  const system = dynamics.kolmogorovFlow({ dtype: 'f32', innerSteps: 1 });
  const operator = assimilation.subsample(32, { axes: [-2, -1] });
  const steps = observed === 'all' ? Array.from({ length: T + 1 }, (_, i) => i) : [T];
  const observations = ct.zeros([steps.length, 2, 2, 2], { dtype: 'f32' });
  const x = system.initial(random(1));
  const problem = { system, operator, observations, observationSteps: steps };
  const gradient = grad(assimilation.objective(problem));
  const begin = performance.now();
  const eager = growthOf(() => scope(() => void gradient(x)));
  const seconds = (performance.now() - begin) / 1e3;
  const plan = compile(gradient);
  plan(x);
  return { state: 4 * x.size, eager, plan: plan.bytes, seconds };
}

export function memory(): void {
  console.log(
    '| gradient of a window of T intervals | T | growth, MiB | states | states / √T | plan, states | seconds |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const observed of ['end', 'all'] as const) {
    const states = LENGTHS.map((T) => {
      const { state, eager, plan, seconds } = alone<Held>('memory', { T, observed });
      const held = eager / state;
      const numbers = [T, (eager / 2 ** 20).toFixed(1), held.toFixed(0), (held / Math.sqrt(T)).toFixed(2)];
      console.log(
        `| ${[KINDS[observed], ...numbers, (plan / state).toFixed(0), seconds.toFixed(2)].join(' | ')} |`,
      );
      return held;
    });
    const growth =
      Math.log(states[states.length - 1] / states[0]) / Math.log(LENGTHS[LENGTHS.length - 1] / LENGTHS[0]);
    console.log(`| ${KINDS[observed]}: grows as T^${growth.toFixed(2)} (asked 0.5) | | | | | | |`);
  }
  console.log('');
}
