// Phase I: min s subject to f_i(x) <= s, A x = b, until s < 0: a strictly feasible point, or a proof that there is
// none.
import { allocate, type Tensor } from '../../core/tensor.js';
import { inner, view } from '../../linalg/blas/addresses.js';
import { sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { slice } from '../../ops/slice.js';
import type { Parameters } from '../../solve/parameters.js';
import type { CompileOption } from '../../solve/replay.js';
import type { SolutionStatus } from '../../solve/solution.js';
import { ConstrainedNewton, type Equalities, type Smooth } from './constrained-newton.js';
import { vectorOf } from './kkt-residuals.js';
import { Centering, type Inequalities, logBarrier } from './log-barrier.js';
import { isStrictlyFeasible } from './nearly-feasible.js';
import { followPath } from './path.js';
import { array } from './program.js';
import { SymmetricSystem } from './symmetric-system.js';

/** The result of phase I. */
export interface PhaseOne {
  /**
   * 'converged': x is strictly feasible. 'infeasible': the multipliers prove that no point near is feasible. 'stalled':
   * neither is known; the constraints may hold with equality only.
   */
  status: SolutionStatus;
  x: Tensor;
  steps: number;
  /** How far from 0 the least max_i f_i(x) may be. */
  accuracy: number;
  /**
   * With 'infeasible': Σ λ_i f_i(y) + νᵀ(A y - b) >= bound > 0 for every y within `NEAR` max(1, ‖x‖₁) of x, in the
   * 1-norm; Σ λ_i = 1.
   */
  lambda: Float64Array;
  nu: Float64Array;
  bound: number;
}

/** How far a proof of infeasibility reaches, in units of x. */
const NEAR = 1000;
/** Number of further steps at a centre whose bound is positive, until the proof is complete. */
const FURTHER = 8;

/** How closely the least max_i f_i(x) is found, in units of the f_i at x0. */
const ACCURACY = { f64: 1e-10, f32: 1e-5 } as const;

/** Largest number of steps inside: s may decrease without bound. */
const INWARDS = 2;

/** s of [x, s]. */
function last(n: number): Smooth {
  return {
    value: (z) => z.data()[n],
    valueAndGradient(z, g) {
      g.data().fill(0)[n] = 1;
      return z.data()[n];
    },
    hessian: (_z, H) => {
      H.data().fill(0);
    },
  };
}

/** x := the nearest point with A x = b, if the f_i are finite there; phase I then starts on A x = b. */
export function project(x: Tensor, A: Tensor, b: Tensor, values: (x: Tensor) => Float64Array): void {
  if (b.size === 0) return;
  const before = x.data().slice();
  const system = new SymmetricSystem(b.size, 'f64', 'project');
  const right = array('project', [b.size]);
  // Twice: the second pass removes the rounding error of the first.
  for (let round = 0; round < 2; round++) {
    const [rows, M, r, at] = [view(A), view(system.matrix), view(right), x.data()];
    const row = (i: number) => rows.subarray(i * at.length, (i + 1) * at.length);
    for (let i = 0; i < b.size; i++) {
      for (let j = 0; j <= i; j++) M[i * b.size + j] = inner(row(i), row(j));
      r[i] = view(b)[i] - inner(row(i), at);
    }
    if (!system.factor(b.size)) return;
    system.solve(right.address);
    for (let i = 0; i < b.size; i++) for (let j = 0; j < at.length; j++) at[j] += r[i] * row(i)[j];
  }
  if (!values(x).every(Number.isFinite)) x.data().set(before);
}

/**
 * Looks for x with f_i(x) < 0 and A x = b from x0, where all f_i are finite; `values` is f(x0).
 * Source: Boyd & Vandenberghe, Convex Optimization, section 11.4.1.
 */
export function phaseOne(
  name: string,
  inequalities: Inequalities,
  parameters: Parameters,
  values: (x: Tensor) => Float64Array,
  { A, b }: Equalities,
  options: { mu: number; maxIterations: number; compile: CompileOption },
): PhaseOne {
  const n = parameters.size;
  const x = parameters.start();
  project(x, A, b, values);
  const start = values(x);
  const count = start.length;
  const most = start.reduce((a, value) => Math.max(a, value), Number.NEGATIVE_INFINITY);
  const size = Math.max(1, Math.abs(most));
  const z = allocate([n + 1], parameters.dtype, name);
  z.data().set(x.data());
  z.data()[n] = most + size;
  const wide = array(name, [b.size, n + 1]);
  for (let i = 0; i < b.size; i++) view(wide).set(view(A).subarray(i * n, (i + 1) * n), i * (n + 1));
  const shifted = (at: Tensor) => {
    const s = reshape(slice(at, [n], [n + 1]), []);
    return sub(vectorOf('inequalities', inequalities(parameters.tree(slice(at, [0], [n]))), name), s);
  };
  const vector = (at: Tensor) => vectorOf('inequalities', inequalities(parameters.tree(at)), name);
  const barrier = logBarrier(name, shifted, z, options.compile);
  try {
    // At the start s alone is as far as possible from its centre: count / (s - f) = t.
    const centering = new Centering(name, last(n), barrier, z, count / size);
    const newton = new ConstrainedNewton(name, centering, z, { A: wide, b });
    const steps = { count: 0 };
    const read = () => {
      x.data().set(newton.x.data().subarray(0, n));
      return newton.x.data()[n];
    };
    let inside = 0;
    const accuracy = ACCURACY[parameters.dtype];
    /**
     * The Lagrangian is convex: at y it is at least its value at x less the size of its gradient times ‖y - x‖₁. At an
     * exact centre that gradient is zero.
     */
    const boundOf = () => {
      const [s, gradient] = [read(), newton.stationarity];
      let length = 0;
      for (const value of x.data()) length += Math.abs(value);
      return s - count / centering.t - gradient * (Math.abs(s) + NEAR * Math.max(1, length));
    };
    const isProved = () => newton.isFeasible && boundOf() > 0;
    const largestValue = () => values(x).reduce((a, value) => Math.max(a, value), Number.NEGATIVE_INFINITY);
    const isInside = () => {
      read();
      return newton.isFeasible && largestValue() < 0 && isStrictlyFeasible(vector, x);
    };
    const status = followPath(newton, centering, steps, {
      count,
      mu: options.mu,
      maxIterations: options.maxIterations,
      tolerance: () => Number.POSITIVE_INFINITY,
      gapTolerance: () => accuracy * size,
      lowest: Number.NEGATIVE_INFINITY,
      after: () => (isInside() && (++inside >= INWARDS || read() < -size) ? 'converged' : undefined),
      atCentre() {
        if (isInside()) return 'converged';
        if (!(newton.x.data()[n] - count / centering.t > 0)) return undefined;
        for (let k = 0; k < FURTHER && !isProved() && steps.count < options.maxIterations; k++) {
          if (newton.advance() !== undefined) break;
          steps.count++;
        }
        return isProved() ? 'infeasible' : undefined;
      },
    });
    const s = read();
    const lambda = values(x).map((value) => 1 / (centering.t * (s - value)));
    // At an exact centre the sum is 1. Every positive multiple of a proof is one.
    const total = lambda.reduce((a, value) => a + value, 0);
    const scaled = (by: ArrayLike<number>) => Float64Array.from(by, (value) => value / total);
    const isOver = status === 'converged' || status === 'stalled' || status === 'infeasible';
    const verdict = isProved() ? 'infeasible' : 'stalled';
    return {
      status: isInside() ? 'converged' : isOver ? verdict : status,
      ...{ x, lambda: scaled(lambda), nu: scaled(newton.nu), bound: boundOf() / total },
      ...{ steps: steps.count, accuracy: accuracy * size },
    };
  } finally {
    barrier.dispose();
  }
}
