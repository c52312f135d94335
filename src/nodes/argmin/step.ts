// One step of sequential quadratic programming for one problem: min 1/2 dᵀHd + ∇fᵀd over G d <= -g and A d = -h, with H
// made convex.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { GEMV_WORK, maxAbs, view } from '../../linalg/blas/addresses.js';
import { eigvalsh } from '../../linalg/dense/eigvalsh.js';
import { interiorPoint } from '../../optim/convex/interior-point.js';
import { array, type ConvexProgram } from '../../optim/convex/program.js';
import { solveProgram } from '../../optim/convex/solve-program.js';
import { SymmetricSystem } from '../../optim/convex/symmetric-system.js';

/** The quadratic model of one problem. */
export interface Model {
  n: number;
  p: number;
  q: number;
  /** [n, n]. */
  H: Float64Array;
  gradient: Float64Array;
  G: Float64Array;
  g: Float64Array;
  A: Float64Array;
  h: Float64Array;
  /** Multipliers so far, which say what constraints matter. */
  lambda: Float64Array;
}

/** A step, and the multipliers that go with it. */
export interface Step {
  d: Float64Array;
  lambda: Float64Array;
  nu: Float64Array;
  /** False where the linearized constraints contradict each other: then the step only reduces their violation. */
  isFeasible: boolean;
  /** Of a step along negative curvature: dᵀHd. */
  curvature?: number;
}

/** Growth of the shift that makes a Hessian positive definite. */
const GROWTH = 10;

/** The step of an unconstrained problem: -(H + τI)⁻¹ ∇f with the smallest τ tried that makes it a descent direction. */
export function newtonStep({ n, H, gradient }: Model): Float64Array {
  return scope<{ d: Float64Array }>(() => {
    const system = new SymmetricSystem(n, 'f64', 'argmin');
    const M = convex(system, n, H, undefined);
    system.matrix.data().set(M);
    system.factor(n);
    const d = array(
      'argmin',
      [n],
      gradient.map((value) => -value),
    );
    system.solve(d.address);
    return { d: view(d).slice() };
  }).d;
}

/** The step of a constrained problem. */
export function constrainedStep(model: Model): Step {
  return scope<Step & object>(() => {
    const { n, p, q, H, G, A, g, lambda } = model;
    const system = new SymmetricSystem(n, 'f64', 'argmin');
    const rows = Array.from({ length: p }, (_, i) => i).filter((i) => lambda[i] > 0 || g[i] > 0);
    const shift = { rho: 0 };
    const P = convex(system, n, H, { rows, G, A, q, shift, slope: maxAbs(model.gradient) });
    const found = programStep(model, P);
    if (found === undefined) return restoration(model);
    // What was added to H along the constraints is part of their multipliers.
    const { rho } = shift;
    if (rho > 0) {
      for (const i of rows) found.lambda[i] = Math.max(0, found.lambda[i] + rho * along(G, i, n, found.d));
      for (let i = 0; i < q; i++) found.nu[i] += rho * along(A, i, n, found.d);
    }
    return found;
  });
}

function along(M: Float64Array, row: number, n: number, d: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += M[row * n + j] * d[j];
  return sum;
}

/** The quadratic program; undefined if its constraints contradict each other. */
function programStep({ n, p, q, gradient, G, g, A, h }: Model, P: Float64Array): Step | undefined {
  const program: ConvexProgram = {
    ...{ n, m: p, p: q },
    P: array('argmin', [n, n], P),
    q: array('argmin', [n], gradient),
    G: array('argmin', [p, n], G),
    h: array(
      'argmin',
      [p],
      g.map((value) => -value),
    ),
    A: array('argmin', [q, n], A),
    b: array(
      'argmin',
      [q],
      h.map((value) => -value),
    ),
    work: array('argmin', [GEMV_WORK]),
  };
  const limits = { tolerance: 1e-9, maxIterations: 100, compile: undefined };
  const { point, status } = solveProgram('argmin', program, 'f64', interiorPoint(), limits, {});
  if (status !== 'converged' && status !== 'maxIterations' && status !== 'stalled') return undefined;
  const [d, lambda, nu] = [point.x, point.lambda, point.nu].map((x) => view(x).slice());
  return { d, lambda, nu, isFeasible: true };
}

/** The step that reduces violations most, with a small penalty for its length. */
function restoration(model: Model): Step {
  const { n, p, q, G, g, A, h } = model;
  // min 1/2 |A d + h|² + 1/2 |s|² + ε/2 |d|² over G d + g <= s.
  const size = n + p;
  const most = Math.max(maxAbs(G), maxAbs(A));
  const P = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < q; r++) {
      gradient[i] += A[r * n + i] * h[r];
      for (let j = 0; j < n; j++) P[i * size + j] += A[r * n + i] * A[r * n + j];
    }
    P[i * (size + 1)] += 1e-8 * Math.max(most * most, 1e-8);
  }
  for (let i = n; i < size; i++) P[i * (size + 1)] = 1;
  const rows = new Float64Array(p * size);
  for (let i = 0; i < p; i++) {
    rows.set(G.subarray(i * n, (i + 1) * n), i * size);
    rows[i * size + n + i] = -1;
  }
  const none = new Float64Array(0);
  const relaxed = { ...model, n: size, q: 0, gradient, G: rows, g, A: none, h: none };
  const found = programStep(relaxed, P);
  const d = found === undefined ? new Float64Array(n) : found.d.slice(0, n);
  return { d, lambda: new Float64Array(p), nu: new Float64Array(q), isFeasible: false };
}

interface Constraints {
  rows: readonly number[];
  G: Float64Array;
  A: Float64Array;
  q: number;
  /** The largest entry of the gradient, in the place of a Hessian that is 0: steps stay below 1e8. */
  slope: number;
  /** Filled in: how much of BᵀB was added. */
  shift: { rho: number };
}

/**
 * H, or H + ρ BᵀB with the constraints that matter (which leaves steps along them as they are), or that plus τ I:
 * whichever first is positive definite.
 */
function convex(
  system: SymmetricSystem,
  n: number,
  H: Float64Array,
  constraints: Constraints | undefined,
): Float64Array {
  const isDefinite = (M: Float64Array) => {
    system.matrix.data().set(M);
    return system.factor(n) && system.inertia().positive === n;
  };
  let M = H.slice();
  if (isDefinite(M)) return M;
  const size = maxAbs(H) || constraints?.slope || 1e-300;
  if (constraints !== undefined) {
    const { rows, G, A, q, shift } = constraints;
    const B = new Float64Array(n * n);
    const addRow = (R: Float64Array, r: number) => {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[i * n + j] += R[r * n + i] * R[r * n + j];
    };
    for (const r of rows) addRow(G, r);
    for (let r = 0; r < q; r++) addRow(A, r);
    const most = maxAbs(B);
    for (
      let rho = most > 0 ? size / most : Number.POSITIVE_INFINITY;
      rho < (1e5 * size) / most;
      rho *= GROWTH
    ) {
      M = H.map((value, i) => value + rho * B[i]);
      if (!isDefinite(M)) continue;
      shift.rho = rho;
      return M;
    }
    M = H.slice();
  }
  // Half as far again as to the least eigenvalue: barely definite is as good as singular.
  const least = Number.isFinite(size) ? view(eigvalsh(tensor(M, { shape: [n, n] })))[0] : 0;
  for (let tau = Math.max(-1.5 * least, 1e-8 * size); ; tau *= GROWTH) {
    const shifted = M.slice();
    for (let i = 0; i < n; i++) shifted[i * (n + 1)] += tau;
    if (isDefinite(shifted) || !Number.isFinite(tau)) return shifted;
  }
}
