// The iteration of LSMR from one start: Golub-Kahan bidiagonalization, two rotations a step, and recurrences for both residuals.

import { zeros } from '../../core/create.js';
import { hypot } from '../../core/scalars.js';
import type { Tensor } from '../../core/tensor.js';
import { assign, axpy, divide, norm2, scale } from '../blas/tensors.js';
import { cloneTensor, type Float } from '../stack.js';
import { epsilonOf, LOWEST, type Status } from './krylov.js';
import type { Apply } from './operator.js';

/** A on [n] and its transpose on [m]. */
export interface Products {
  readonly m: number;
  readonly n: number;
  readonly apply: Apply;
  readonly applyTranspose: Apply;
}

/** min ‖A d - right‖² + damping² ‖d‖². */
export interface StepSystem extends Products {
  readonly right: Tensor;
  readonly damping: number;
  /** A damping that is in A already, as rows shift I. */
  readonly shift: number;
}

/** How one run ended: its figures are those of the recurrences. */
export interface RunEnd {
  readonly status: Status;
  readonly iterations: number;
  readonly residual: number;
  readonly normal: number;
  readonly norm: number;
}

/** What ends a run. */
export interface RunLimits {
  /** ‖b‖, and what is known of ‖A‖. */
  readonly bNorm: number;
  readonly norm: number;
  /** What counts as ‖x‖ at least. */
  readonly leastSize: number;
  readonly tolerance: number;
  /** Iterations. */
  readonly limit: number;
}

/** The system of d := x' - x for [A; damping I] x' = [b; 0] from x, with r = b - A x. */
export function withDamping(
  { m, n, apply, applyTranspose }: Products,
  damping: number,
  x: Tensor,
  r: Tensor,
): StepSystem {
  const { dtype } = x;
  const [right, top] = [zeros([m + n], { dtype }), zeros([m], { dtype })];
  right.data().set(r.data());
  right.data().set(
    x.data().map((value) => -damping * value),
    m,
  );
  return {
    m: m + n,
    n,
    right,
    damping: 0,
    shift: damping,
    apply(v, into) {
      apply(v, top);
      const [from, to] = [v.data(), into.data()];
      to.set(top.data());
      for (let j = 0; j < n; j++) to[m + j] = damping * from[j];
    },
    applyTranspose(u, into) {
      top.data().set(u.data().subarray(0, m));
      applyTranspose(top, into);
      const [from, to] = [u.data(), into.data()];
      for (let j = 0; j < n; j++) to[j] += damping * from[m + j];
    },
  };
}

/** c, s and r = (a² + b²)^½ with c a + s b = r. */
function rotation(a: number, b: number): [number, number, number] {
  const r = hypot(a, b);
  return r === 0 ? [1, 0, 0] : [a / r, b / r, r];
}

/** (norm² - shift²)^½: ‖A v‖ from ‖[A; shift I] v‖. */
function normWithout(norm: number, shift: number): number {
  if (shift === 0) return norm;
  const share = shift / norm;
  return norm * Math.sqrt(Math.max(0, 1 - share * share));
}

/** Normalizes y; a zero vector stays zero. */
function normalize(y: Tensor): number {
  const length = norm2(y);
  if (length > 0) divide(y, length);
  return length;
}

/** Adds d to x, step by step, until the recurrences say that it is enough. */
export function descend(system: StepSystem, x: Tensor, limits: RunLimits): RunEnd {
  const { n, apply, applyTranspose, damping, shift } = system;
  const { bNorm, norm: known, leastSize, tolerance, limit } = limits;
  const { dtype } = x;
  const vector = () => zeros([n], { dtype });
  const [u, wide] = [cloneTensor(system.right, 'lsmr'), cloneTensor(system.right, 'lsmr')];
  const [v, tall, hbar] = [vector(), vector(), vector()];
  let beta = normalize(u);
  applyTranspose(u, v);
  let alpha = normalize(v);
  const h = cloneTensor(v, 'lsmr');
  // The names are those of the paper, sections 2 and 5.
  let [alphabar, zetabar, rho, rhobar, cbar, sbar, zeta] = [alpha, alpha * beta, 1, 1, 1, 0, 0];
  let [betadd, betad, rhodold, tautildeold, thetatilde, d] = [beta, 0, 1, 0, 0, 0];
  let norm = alpha;
  let [residual, normal] = [beta, alpha * beta];
  const [lowest, lowestNormal] = [residual, normal].map(
    (start) => LOWEST * epsilonOf(dtype as Float) * start,
  );
  let status: Status = 'maxIterations';
  let iterations = 0;
  for (; ; iterations++) {
    const size = Math.max(leastSize, norm2(x));
    const withoutShift = Math.max(known, normWithout(norm, shift));
    if (!Number.isFinite(residual) || !Number.isFinite(normal)) status = 'notFinite';
    else if (residual <= tolerance * (bNorm + withoutShift * size)) status = 'converged';
    else if (normal <= tolerance * hypot(withoutShift, damping + shift) * residual) status = 'converged';
    // Below that the recurrences say nothing about x.
    else if (residual <= lowest || normal <= lowestNormal) status = 'converged';
    if (status !== 'maxIterations' || iterations >= limit) break;
    apply(v, wide);
    axpy(-alpha, u, wide);
    assign(wide, u);
    beta = normalize(u);
    // ‖A v‖ is at most ‖A‖, and soon near it.
    norm = Math.max(norm, hypot(alpha, beta));
    applyTranspose(u, tall);
    axpy(-beta, v, tall);
    assign(tall, v);
    alpha = normalize(v);
    // Keep the last x that was finite.
    if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
      status = 'notFinite';
      break;
    }

    const [chat, shat, alphahat] = rotation(alphabar, damping);
    const rhoold = rho;
    let [c, s]: number[] = [];
    [c, s, rho] = rotation(alphahat, beta);
    const thetanew = s * alpha;
    alphabar = c * alpha;
    const [rhobarold, zetaold] = [rhobar, zeta];
    const thetabar = sbar * rho;
    const rhotemp = cbar * rho;
    [cbar, sbar, rhobar] = rotation(rhotemp, thetanew);
    zeta = cbar * zetabar;
    zetabar = -sbar * zetabar;
    if (rho === 0 || rhobar === 0) {
      // A v = 0 for the last v: no further improvement is possible.
      status = 'converged';
      break;
    }
    scale((-thetabar / rhoold) * (rho / rhobarold), hbar);
    axpy(1, h, hbar);
    axpy(zeta / rho / rhobar, hbar, x);
    scale(-thetanew / rho, h);
    axpy(1, v, h);

    const betaacute = chat * betadd;
    const betacheck = -shat * betadd;
    const betahat = c * betaacute;
    betadd = -s * betaacute;
    const thetatildeold = thetatilde;
    const [ctildeold, stildeold, rhotildeold] = rotation(rhodold, thetabar);
    thetatilde = stildeold * rhobar;
    rhodold = ctildeold * rhobar;
    betad = -stildeold * betad + ctildeold * betahat;
    tautildeold = (zetaold - thetatildeold * tautildeold) / rhotildeold;
    const taud = (zeta - thetatilde * tautildeold) / rhodold;
    d = hypot(d, betacheck);
    residual = hypot(d, betad - taud, betadd);
    normal = Math.abs(zetabar);
  }
  return { status, iterations, residual, normal, norm: normWithout(norm, shift) };
}
