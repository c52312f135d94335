// The method of Dormand and Prince: its steps, and how their lengths are chosen.
import { primalOf } from '../../autodiff/primal.js';
import { power } from '../../core/power.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { max } from '../../ops/extrema.js';
import { maximum } from '../../ops/minmax.js';
import { abs, square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import type { AdaptiveMethod } from './methods.js';
import type { Slope } from './runge-kutta.js';

type State = readonly Tensor[];

const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1];
const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
];
/** Weights of order 5: the last stage is at the end of the step. */
const B = [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84];
/** Weights of order 5 less those of order 4. */
const E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** x + h Σ a_i k_i. */
function combined(x: State, ks: readonly State[], a: readonly number[], h: number): Tensor[] {
  return x.map((leaf, l) => {
    let slope: Tensor | undefined;
    ks.forEach((k, i) => {
      if (a[i] === 0 || a[i] === undefined) return;
      const term = mul(k[l], a[i]);
      slope = slope === undefined ? term : add(slope, term);
    });
    return slope === undefined ? leaf : add(leaf, mul(slope, h));
  });
}

/** A step of length h from x at t, where the slope is k1: the next state, its slope, and the error's estimate. */
export function dopri5Step(
  f: Slope,
  x: State,
  k1: State,
  t: number,
  h: number,
  end: number,
): { next: State; slope: State; error: () => State } {
  const ks = [k1];
  for (let stage = 1; stage < 6; stage++)
    ks.push(f(combined(x, ks, A[stage], h), stage === 5 ? end : t + C[stage] * h));
  const next = combined(x, ks, B, h);
  const slope = f(next, end);
  const all = [...ks, slope];
  const error = () =>
    x.map((_, l) => {
      let total = mul(all[0][l], E[0] * h);
      for (let i = 2; i < 7; i++) total = add(total, mul(all[i][l], E[i] * h));
      return total;
    });
  return { next, slope, error };
}

/** An accepted step. */
export interface Step {
  readonly t: number;
  readonly end: number;
  readonly h: number;
  /** Whether it ends at a time that was asked for. */
  readonly isRow: boolean;
}

/** Why the steps end before the last time. */
export interface Failure {
  readonly t: number;
  readonly steps: number;
  readonly residual: number;
  readonly reason: string;
}

/** The steps that the tolerance chooses, and the states at the times behind the first. */
export interface Path {
  readonly steps: Step[];
  readonly rows: State[];
  readonly failure?: Failure;
}

/** Least and largest factor from step to step, and what the estimate is trusted less than itself. */
const [SHRINK, GROW, SAFETY] = [0.2, 10, 0.9];
/** Units of rounding of the time below which a step is lost. */
const LOST = 16;

/** The root mean square of x / scale over each member; the largest of the members. */
function sizeOf(x: State, scale: State, batchAxes: number): number {
  return scope(() => {
    let total: Tensor | undefined;
    let count = 0;
    const isMixed = x.some(({ dtype }) => dtype !== x[0].dtype);
    x.forEach((leaf, l) => {
      const axes = leaf.shape.map((_, axis) => axis).slice(batchAxes);
      const members = leaf.shape.slice(0, batchAxes).reduce((a, b) => a * b, 1);
      count += members === 0 ? 0 : leaf.size / members;
      const own = sum(square(div(leaf, scale[l])), { axis: axes });
      const squares = isMixed ? astype(own, 'f64') : own;
      total = total === undefined ? squares : add(total, squares);
    });
    if (total === undefined || total.size === 0 || count === 0) return 0;
    return Math.sqrt(primalOf(max(total)).item() / count);
  });
}

/** atol + rtol max(|x|, |y|), never 0. */
function scaleOf(x: State, y: State, { rtol, atol }: AdaptiveMethod): Tensor[] {
  return x.map((leaf, l) =>
    add(mul(maximum(abs(leaf), abs(y[l])), rtol), Math.max(atol, leaf.dtype === 'f32' ? 1e-37 : 1e-300)),
  );
}

/** Chooses the steps from times[0] to the last time: f is called on values, which are read. */
export function chosenPath(
  f: Slope,
  x0: State,
  times: readonly number[],
  batchAxes: number,
  method: AdaptiveMethod,
): Path {
  const sign = times.length > 1 && times[1] < times[0] ? -1 : 1;
  const steps: Step[] = [];
  const rows: State[] = [];
  let tried = 0;
  let [x, t] = [x0, times[0]];
  if (times.length === 1) return { steps, rows };
  let k = scope(() => f(x, t) as Tensor[]);
  let h = Math.min(method.dt0 ?? firstLength(f, x, k, t, sign, batchAxes, method), method.maxStep);
  for (const target of times.slice(1)) {
    while (t !== target) {
      const left = Math.abs(target - t);
      // A step that would leave a crumb takes half of what is left.
      const length =
        h >= left * (1 - 1e-10)
          ? left
          : Math.min(h, left / 2 > h / 2 ? Math.max(h / 2, Math.min(h, left / 2)) : h);
      const isLast = length === left;
      const end = isLast ? target : t + sign * length;
      const failed = (reason: string, residual: number): Path => ({
        steps,
        rows,
        failure: { t, steps: steps.length, residual, reason },
      });
      if (tried >= method.maxSteps)
        return failed(`more than ${method.maxSteps} steps are needed`, Number.NaN);
      tried++;
      const made = scope(() => {
        const { next, slope, error } = dopri5Step(f, x, k, t, sign * length, end);
        const size = sizeOf(error(), scaleOf(x, next, method), batchAxes);
        return { next: next as Tensor[], slope: slope as Tensor[], size };
      });
      const isAccepted = made.size <= 1;
      const factor = Number.isFinite(made.size)
        ? Math.min(GROW, Math.max(SHRINK, made.size === 0 ? GROW : SAFETY * power(made.size, -0.2)))
        : SHRINK;
      if (isAccepted) {
        steps.push({ t, end, h: sign * length, isRow: isLast });
        for (const leaf of x) if (x !== x0 && !rows.includes(x)) leaf.dispose();
        for (const leaf of k) leaf.dispose();
        [x, k, t] = [made.next, made.slope, end];
        if (isLast) rows.push(x);
        // A step that was cut at a time says nothing against a longer one.
        h = Math.min(method.maxStep, isLast ? Math.max(h, length * factor) : length * factor);
      } else {
        for (const leaf of [...made.next, ...made.slope]) leaf.dispose();
        h = length * Math.min(1, factor);
        const least = Math.max(method.minStep, LOST * Number.EPSILON * Math.abs(t));
        if (h < least || h === 0) {
          const why = h < method.minStep ? `below minStep, ${method.minStep}` : 'lost in rounding';
          return failed(`a step of ${h} is ${why}`, made.size);
        }
      }
    }
  }
  return { steps, rows };
}

/** Hairer, Nørsett and Wanner: Solving Ordinary Differential Equations I, section II.4. */
function firstLength(
  f: Slope,
  x: State,
  k: State,
  t: number,
  sign: number,
  batchAxes: number,
  method: AdaptiveMethod,
): number {
  return scope(() => {
    const scale = scaleOf(x, x, method);
    const [d0, d1] = [sizeOf(x, scale, batchAxes), sizeOf(k, scale, batchAxes)];
    const h0 = d0 < 1e-5 || d1 < 1e-5 || !Number.isFinite(d0 / d1) ? 1e-6 : (0.01 * d0) / d1;
    const ahead = f(
      x.map((leaf, l) => add(leaf, mul(k[l], sign * h0))),
      t + sign * h0,
    );
    const change = ahead.map((slope, l) => sub(slope, k[l]));
    const d2 = sizeOf(change, scale, batchAxes) / h0;
    const most = Math.max(d1, d2);
    const h1 = most <= 1e-15 || !Number.isFinite(most) ? Math.max(1e-6, h0 * 1e-3) : power(0.01 / most, 0.2);
    return Math.min(100 * h0, h1);
  });
}
