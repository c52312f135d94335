// The states that controls lead to: by Newton's method on all steps at once, which takes few calls whatever the horizon
// is, or step by step where that does not converge.

import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { Copies } from './copies.js';
import { type Call, stepNumbers } from './functions.js';
import { type Layout, largest } from './layout.js';
import type { PlainFunctions } from './open-functions.js';
import { derivatives } from './step-derivatives.js';

/** From this horizon on all steps at once are tried, and how often. */
const LONG = 16;
const ROUNDS = 12;
/** States that have grown by this lead nowhere: unstable dynamics without the controls that hold them. */
const TOO_FAR = 1e8;

/**
 * Writes the states of each problem into its unknowns w, which have the first state and the controls. A state that is
 * not finite, or very far, is replaced by the one before.
 */
export function rollOut(
  layout: Layout,
  functions: PlainFunctions,
  call: Call,
  w: readonly Float64Array[],
): void {
  const { T, nx, stride } = layout;
  for (const v of w)
    for (let t = 1; t <= T; t++) for (let i = 0; i < nx; i++) v[t * stride + nx + i] = v[nx + i];
  const left = T >= LONG ? allAtOnce(layout, functions, call, w) : w.map((_, b) => b);
  if (left.length > 0) stepByStep(layout, functions, call, w, left);
}

/** Newton's method on x_{t+1} = f(x_t, u_t); gives the problems for which it has not converged. */
function allAtOnce(
  layout: Layout,
  functions: PlainFunctions,
  call: Call,
  w: readonly Float64Array[],
): number[] {
  const { T, nx, stride } = layout;
  const f = functions.at('dynamics', call);
  let left = w.map((_, b) => b);
  const lost: number[] = [];
  const limits = w.map((v) => limitOf(layout, v));
  const error = w.map(() => Number.POSITIVE_INFINITY);
  const rounding = call.dtype === 'f64' ? 1e-12 : 1e-5;
  const A = new Float64Array(w.length * T * nx * nx);
  const next = new Float64Array(w.length * T * nx);
  for (let round = 0; round < ROUNDS && left.length > 0; round++) {
    scope(() => {
      const copies = new Copies(layout, call);
      const [x, u] = [copies.steps(w, 0, nx, nx), copies.steps(w, 0, layout.u, layout.nu)];
      const numbers = stepNumbers(call);
      derivatives(
        ([states]) => f([states, u, numbers]),
        [x],
        [nx],
        ([y]) => next.set(y.data()),
        (j, [column]) => {
          const data = column.data();
          for (let k = 0; k < data.length; k++) A[k * nx + j] = data[k];
        },
      );
    });
    left = left.filter((b) => {
      const v = w[b];
      let [size, far] = [0, 0];
      let [moved, now] = [new Float64Array(nx), new Float64Array(nx)];
      for (let t = 0; t < T; t++) {
        const at = (b * T + t) * nx;
        for (let i = 0; i < nx; i++) {
          const state = (t + 1) * stride + nx + i;
          const away = next[at + i] - v[state];
          size = Math.max(size, Math.abs(next[at + i]));
          if (!(Math.abs(away) <= far)) far = Math.abs(away);
          let sum = away;
          for (let j = 0; j < nx; j++) sum += A[(at + i) * nx + j] * moved[j];
          now[i] = sum;
        }
        for (let i = 0; i < nx; i++) v[(t + 1) * stride + nx + i] += now[i];
        [moved, now] = [now, moved];
      }
      // Not finite, or not better than before after some rounds: there is no more to expect.
      const isLost =
        !(size < limits[b]) || !(far < Number.POSITIVE_INFINITY) || (round > 6 && far > error[b]);
      if (isLost) lost.push(b);
      error[b] = far;
      return !isLost && !(far <= rounding * size);
    });
  }
  return [...lost, ...left];
}

function limitOf({ nx }: Layout, w: Float64Array): number {
  return TOO_FAR * (1 + largest(w.subarray(nx, 2 * nx)));
}

function stepByStep(
  layout: Layout,
  functions: PlainFunctions,
  { lead, dtype }: Call,
  w: readonly Float64Array[],
  left: readonly number[],
): void {
  const { T, nx, nu, stride, u } = layout;
  const limits = w.map((v) => limitOf(layout, v));
  const call: Call = { lead: [...lead.slice(0, -1), 1], dtype };
  const f = functions.at('dynamics', call);
  for (let t = 0; t < T; t++) {
    scope(() => {
      const part = (at: number, width: number) => {
        const data = new Float64Array(w.length * width);
        w.forEach((v, b) => void data.set(v.subarray(t * stride + at, t * stride + at + width), b * width));
        return tensor(data, { shape: [...call.lead, width], dtype });
      };
      const number = tensor(new Float64Array(w.length).fill(t), { shape: call.lead, dtype });
      const y = f([part(nx, nx), part(u, nu), number])[0].data();
      for (const b of left) {
        const isUsable = y.subarray(b * nx, (b + 1) * nx).every((v) => Math.abs(v) < limits[b]);
        for (let i = 0; i < nx; i++)
          w[b][(t + 1) * stride + nx + i] = isUsable ? y[b * nx + i] : w[b][t * stride + nx + i];
      }
    });
  }
}
