// Trial points of a line search whose states follow the dynamics: the controls are those of the step, and answer to how far
// the states are from where the step leads.
import type { BarrierProblem } from './barrier-problem.js';
import { type Evaluation, largest } from './layout.js';
import type { Asking } from './solver.js';

/** Most rounds of Newton's method, and how much larger than before the states may become. */
const ROUNDS = 10;
const TOO_FAR = 1e4;

/**
 * Goes from a trial point to one with x_{t+1} = f(x_t, u_t) + defect_t, by Newton's method on all steps at once: few
 * evaluations whatever the horizon is. The first of them is at the trial point. Undefined if it does not converge; then
 * a shorter step will, as its trial point is nearer.
 * Source: Tassa, Erez & Todorov, Synthesis and stabilization of complex behaviors through online trajectory optimization
 * (2012), for the controls' answer.
 * @param defects [T, nx].
 * @param feedback as in `Step`.
 */
export function* simulated(
  { problem: { layout, blocks, rounding } }: BarrierProblem,
  trial: Float64Array,
  defects: Float64Array,
  feedback: Float64Array,
): Asking<{ w: Float64Array; E: Evaluation } | undefined> {
  const { T, nx, nu, nz, stride, u } = layout;
  let w = trial;
  const limit = TOO_FAR * (1 + largest(w));
  const d = new Float64Array(nz);
  const next = new Float64Array(nx);
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const E = yield { w, blocks: true };
    const at = w;
    w = Float64Array.from(w);
    let [away, size] = [0, 0];
    d.fill(0);
    for (let t = 0; t < T; t++) {
      // What the controls answer to the change of the state.
      for (let k = 0; k < nu; k++) {
        let sum = 0;
        for (let j = 0; j < nx + k; j++) sum += feedback[(t * nu + k) * nz + j] * d[j];
        d[nx + k] = sum;
        w[t * stride + u + k] += sum;
      }
      for (let i = 0; i < nx; i++) {
        const state = (t + 1) * stride + nx + i;
        let sum = E.next[t * nx + i] - defects[t * nx + i] - w[state];
        if (!(Math.abs(sum) <= away)) away = Math.abs(sum);
        size = Math.max(size, Math.abs(w[state]), Math.abs(E.next[t * nx + i]));
        for (let j = 0; j < nz; j++) sum += blocks.A[(t * nx + i) * nz + j] * d[j];
        next[i] = sum;
      }
      for (let i = 0; i < nx; i++) {
        w[(t + 1) * stride + nx + i] += next[i];
        d[i] = next[i];
      }
    }
    if (away <= 1e3 * rounding * size) return { w: at, E };
    if (!(size < limit) || !(away < before || round < 4)) return undefined;
    before = away;
  }
  return undefined;
}
