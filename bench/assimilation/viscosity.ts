// The gradient of a window of Kolmogorov flow as the viscosity falls: its error, its time, its memory.
import * as ct from 'cotangent';
import { alternate, sorted } from '../peers/duel.js';
import { quantile } from '../timing.js';
import { alone, exactMemory, growthOf } from './alone.js';
import { FORMS, startOf } from './flow.js';
import type { FlowForm } from './numpy-peer.js';
import { numbersOf, type Setting } from './rows.js';

const { assimilation, compile, dynamics, grad, random, scope } = ct;

const VISCOSITIES = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3];
/** Intervals of the window, of 25 steps each; states are observed behind each, every 16th point. */
const INTERVALS = 10;
const DIRECTIONS = 3;
/** Lengths of the central differences, of directions whose largest speed is 7: long ones cross kinks of the finite volumes' limiters, short ones lose digits. */
const LENGTHS = [1e-3, 1e-5, 1e-7, 1e-8];

interface Case {
  form: FlowForm;
  viscosity: number;
}

/** The objective of a window, and a state somewhat off the one that was observed. */
function windowOf({ form, viscosity }: Case, dtype: 'f32' | 'f64') {
  // Both dtypes start from the same field.
  const { system: exact, x: truth } = startOf(form, { viscosity, dtype: 'f64' });
  const system = dynamics.kolmogorovFlow({ form, viscosity, dtype });
  const operator = assimilation.subsample(16, { axes: [-2, -1] });
  const states = dynamics.trajectory(exact, truth, { steps: INTERVALS });
  const observations = ct.astype(operator.apply(states), dtype);
  const x = ct.add(truth, ct.mul(0.1, exact.initial(random(3))));
  return {
    exact,
    system,
    J: assimilation.objective({ system, operator, observations }),
    x: ct.astype(x, dtype),
  };
}

/** The largest difference of a directional derivative and central differences, each with the length that fits best; relative to the derivative. */
function errorOf({ exact, J, x }: ReturnType<typeof windowOf>, gradient: ct.Tensor): number {
  const plan = compile(J);
  const value = (z: ct.Tensor) => plan(z).item();
  const errors = Array.from({ length: DIRECTIONS }, (_, i) => {
    const v = exact.initial(random(10 + i));
    const slope = scope(() => ct.sum(ct.mul(gradient, v)).item());
    const best = LENGTHS.map((length) =>
      scope(() => {
        const at = (by: number) => value(ct.add(x, ct.mul(v, by * length)));
        // Of order 4.
        const difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * length);
        return Math.abs(difference - slope) / Math.abs(slope);
      }),
    );
    return Math.min(...best);
  });
  plan.dispose();
  return Math.max(...errors);
}

/** |a - b| / |b|. */
function distance(a: ct.Tensor, b: ct.Tensor): number {
  const [p, q] = [numbersOf(a), numbersOf(b)];
  const norm = (f: (i: number) => number) => Math.sqrt(q.reduce((sum, _, i) => sum + f(i) ** 2, 0));
  return norm((i) => p[i] - q[i]) / norm((i) => q[i]);
}

/** Bytes that the eager gradient takes at its highest point, in a process of its own. */
export async function peakOf(given: Case): Promise<number> {
  await exactMemory();
  return scope(() => {
    const { J, x } = windowOf(given, 'f32');
    return growthOf(() => scope(() => void grad(J)(x)));
  });
}

export async function viscosity({ options }: Setting): Promise<void> {
  console.log(
    '| form | viscosity | error in f64, against differences | error in f32, against f64 | forward, ms | forward and gradient, ms | ratio | peak, MiB |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const form of FORMS)
    for (const nu of VISCOSITIES) {
      const given = { form, viscosity: nu };
      const [double, single] = (['f64', 'f32'] as const).map((dtype) => windowOf(given, dtype));
      const plan = compile(grad(double.J));
      const gradient = plan(double.x);
      const error = errorOf(double, gradient);
      const value = compile(single.J);
      const both = compile(ct.valueAndGrad(single.J));
      const inSingle = distance(both(single.x).grad, gradient);
      const times = await alternate([{ run: () => value(single.x) }, { run: () => both(single.x) }], options);
      const [forward, backward] = times.map((ms) => quantile(sorted(ms), 0.5));
      const peak = alone<number>('viscosity', given) / 2 ** 20;
      const errors = [error, inSingle].map((e) => e.toExponential(1));
      const numbers = [
        forward.toFixed(1),
        backward.toFixed(1),
        (backward / forward).toFixed(2),
        peak.toFixed(1),
      ];
      console.log(`| ${[form, nu, ...errors, ...numbers].join(' | ')} |`);
      for (const p of [plan, value, both]) p.dispose();
      for (const { system, exact, x } of [double, single]) {
        system.dispose();
        exact.dispose();
        x.dispose();
      }
    }
  console.log('');
}
