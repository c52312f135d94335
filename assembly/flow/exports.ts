// What leaves the module. Fields are n rows (x) of n numbers (y), velocities two of them; nothing is checked here. `members` states lie one after the other.
import { divergence, scalePlanes, subtractGradient, transposed } from './projection';
import { addLinear, collect, complexProduct, fold, spread, unfold } from './spectrum';
import { explicitStep, Step, stepBytes, tangentStep } from './volumes';
import { adjointBytes, adjointStep } from './volumes-adjoint';

/** Bytes of the numbers of a step. */
const STEP: usize = 64;

// @ts-ignore: decorator
@inline
function stepAt(work: usize, n: i32, s: f64, viscosity: f64, damping: f64, force: usize): Step {
  const step = changetype<Step>(work);
  step.n = n;
  step.s = s;
  step.viscosity = viscosity;
  step.damping = damping;
  step.force = force;
  return step;
}

/** Bytes of workspace of `volumes_step`, `volumes_tangent` and `volumes_adjoint`. */
export function volumes_f64_work(n: i32): usize {
  return STEP + max(stepBytes<f64>(n, 4), adjointBytes<f64>(n));
}
export function volumes_f32_work(n: i32): usize {
  return STEP + max(stepBytes<f32>(n, 4), adjointBytes<f32>(n));
}

/** y := the state after an explicit step from x. s = dt/h; viscosity: dt ν/h²; damping and the n numbers of `force` have the factor dt. */
export function volumes_step_f64(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, force: usize, x: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, force), bytes = 2 * <usize>n * <usize>n * sizeof<f64>();
  for (let k = 0; k < members; k++, x += bytes, y += bytes) explicitStep<f64>(step, x, y, work + STEP);
}
export function volumes_step_f32(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, force: usize, x: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, force), bytes = 2 * <usize>n * <usize>n * sizeof<f32>();
  for (let k = 0; k < members; k++, x += bytes, y += bytes) explicitStep<f32>(step, x, y, work + STEP);
}

/** y := J v, J the derivative of the step from x. */
export function volumes_tangent_f64(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, x: usize, v: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, 0), bytes = 2 * <usize>n * <usize>n * sizeof<f64>();
  for (let k = 0; k < members; k++, x += bytes, v += bytes, y += bytes) tangentStep<f64>(step, x, v, y, work + STEP);
}
export function volumes_tangent_f32(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, x: usize, v: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, 0), bytes = 2 * <usize>n * <usize>n * sizeof<f32>();
  for (let k = 0; k < members; k++, x += bytes, v += bytes, y += bytes) tangentStep<f32>(step, x, v, y, work + STEP);
}

/** y := Jᵀ g. */
export function volumes_adjoint_f64(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, x: usize, g: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, 0), bytes = 2 * <usize>n * <usize>n * sizeof<f64>();
  for (let k = 0; k < members; k++, x += bytes, g += bytes, y += bytes) adjointStep<f64>(step, x, g, y, work + STEP);
}
export function volumes_adjoint_f32(members: i32, n: i32, s: f64, viscosity: f64, damping: f64, x: usize, g: usize, y: usize, work: usize): void {
  const step = stepAt(work, n, s, viscosity, damping, 0), bytes = 2 * <usize>n * <usize>n * sizeof<f32>();
  for (let k = 0; k < members; k++, x += bytes, g += bytes, y += bytes) adjointStep<f32>(step, x, g, y, work + STEP);
}

/** y := the divergence of the velocity x, by backward differences; `inverse`: 1/h. */
export function flow_divergence_f64(n: i32, inverse: f64, x: usize, y: usize): void {
  divergence<f64>(n, inverse, x, y);
}
export function flow_divergence_f32(n: i32, inverse: f64, x: usize, y: usize): void {
  divergence<f32>(n, inverse, x, y);
}

/** y := the velocity x minus the gradient of q, by forward differences. */
export function flow_correct_f64(n: i32, inverse: f64, q: usize, x: usize, y: usize): void {
  subtractGradient<f64>(n, inverse, q, x, y);
}
export function flow_correct_f32(n: i32, inverse: f64, q: usize, x: usize, y: usize): void {
  subtractGradient<f32>(n, inverse, q, x, y);
}

/** y[c][r] := x[r][c]; rows of x are px numbers apart, those of y py. */
export function flow_transpose_f64(rows: i32, columns: i32, x: usize, px: i32, y: usize, py: i32): void {
  transposed<f64>(rows, columns, x, px, y, py);
}
export function flow_transpose_f32(rows: i32, columns: i32, x: usize, px: i32, y: usize, py: i32): void {
  transposed<f32>(rows, columns, x, px, y, py);
}

/** x := factor x for planes of `count` numbers. */
export function flow_scale_f64(planes: i32, count: i32, factor: usize, x: usize): void {
  scalePlanes<f64>(planes, count, factor, x);
}
export function flow_scale_f32(planes: i32, count: i32, factor: usize, x: usize): void {
  scalePlanes<f32>(planes, count, factor, x);
}

/** x [2, n, 2 cut + 2] := the plane w [2, n, n/2 + 1] times g (kind 0) or μ (kind 1), of all wavenumbers up to the cut. */
export function spectrum_spread_f64(n: i32, cut: i32, kind: i32, w: usize, x: usize): void {
  spread<f64>(n, cut, kind, w, x);
}
export function spectrum_spread_f32(n: i32, cut: i32, kind: i32, w: usize, x: usize): void {
  spread<f32>(n, cut, kind, w, x);
}

/** The transpose of `spectrum_spread`. */
export function spectrum_collect_f64(n: i32, cut: i32, kind: i32, x: usize, w: usize): void {
  collect<f64>(n, cut, kind, x, w);
}
export function spectrum_collect_f32(n: i32, cut: i32, kind: i32, x: usize, w: usize): void {
  collect<f32>(n, cut, kind, x, w);
}

/** y [2, n, n], rows of ky, from x [2, n, 2 cut + 2], columns of ky. */
export function spectrum_unfold_f64(n: i32, cut: i32, x: usize, y: usize): void {
  unfold<f64>(n, cut, x, y);
}
export function spectrum_unfold_f32(n: i32, cut: i32, x: usize, y: usize): void {
  unfold<f32>(n, cut, x, y);
}

/** The transpose of `spectrum_unfold`. */
export function spectrum_fold_f64(n: i32, cut: i32, y: usize, x: usize): void {
  fold<f64>(n, cut, y, x);
}
export function spectrum_fold_f32(n: i32, cut: i32, y: usize, x: usize): void {
  fold<f32>(n, cut, y, x);
}

/** y := a b, or conj(a) b, for complex numbers: `count` real parts, then as many imaginary ones. y may be b. */
export function complex_product_f64(count: i32, conjugate: bool, a: usize, b: usize, y: usize): void {
  complexProduct<f64>(count, conjugate, a, b, y);
}
export function complex_product_f32(count: i32, conjugate: bool, a: usize, b: usize, y: usize): void {
  complexProduct<f32>(count, conjugate, a, b, y);
}

/** y := y + base + scale Λ x for planes, Λ = -(viscosity k² + damping), plus `force` at kx = 0, ky = wave; without base where its address is 0. */
export function spectrum_linear_f64(
  n: i32, viscosity: f64, damping: f64, scale: f64, base: usize, x: usize, y: usize, wave: i32, force: f64,
): void {
  addLinear<f64>(n, viscosity, damping, scale, base, x, y, wave, force);
}
export function spectrum_linear_f32(
  n: i32, viscosity: f64, damping: f64, scale: f64, base: usize, x: usize, y: usize, wave: i32, force: f64,
): void {
  addLinear<f32>(n, viscosity, damping, scale, base, x, y, wave, force);
}
