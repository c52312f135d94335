// What leaves the module. Nothing is checked here: K >= 4.
import { adjoint, adjointBytes, forward, stepBytes, tangent, tapeBytes } from './window';

/** Bytes of the tape of a member: the rows of all stages of so many steps. */
export function lorenz96_tape_f64_work(K: i32, steps: i32, euler: bool): usize {
  return tapeBytes<f64>(K, steps, euler);
}
export function lorenz96_tape_f32_work(K: i32, steps: i32, euler: bool): usize {
  return tapeBytes<f32>(K, steps, euler);
}

/** Bytes of workspace of `lorenz96` and `lorenz96_tangent`. */
export function lorenz96_f64_work(K: i32): usize {
  return stepBytes<f64>(K);
}
export function lorenz96_f32_work(K: i32): usize {
  return stepBytes<f32>(K);
}

/** Bytes of workspace of `lorenz96_adjoint`, with a tape or without. */
export function lorenz96_adjoint_f64_work(K: i32, steps: i32, euler: bool, taped: bool): usize {
  return adjointBytes<f64>(K, steps, euler, taped);
}
export function lorenz96_adjoint_f32_work(K: i32, steps: i32, euler: bool, taped: bool): usize {
  return adjointBytes<f32>(K, steps, euler, taped);
}

/** States of `batch` members at the ends of `intervals` intervals of `inner` steps of dt: x and all of them, or the last. A tape, if there is one, gets all stages. */
export function lorenz96_f64(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, out: usize, all: bool, tape: usize, work: usize): void {
  forward<f64>(batch, K, <f64>F, <f64>dt, inner, intervals, euler, x, out, all, tape, work);
}
export function lorenz96_f32(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, out: usize, all: bool, tape: usize, work: usize): void {
  forward<f32>(batch, K, <f32>F, <f32>dt, inner, intervals, euler, x, out, all, tape, work);
}

/** The derivative of that at x along v. */
export function lorenz96_tangent_f64(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, v: usize, out: usize, all: bool, work: usize): void {
  tangent<f64>(batch, K, <f64>F, <f64>dt, inner, intervals, euler, x, v, out, all, work);
}
export function lorenz96_tangent_f32(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, v: usize, out: usize, all: bool, work: usize): void {
  tangent<f32>(batch, K, <f32>F, <f32>dt, inner, intervals, euler, x, v, out, all, work);
}

/** Its transpose: cotangents of the states to those of x. `tape`: what `lorenz96` has written at x, or 0. */
export function lorenz96_adjoint_f64(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, tape: usize, cts: usize, all: bool, out: usize, work: usize): void {
  adjoint<f64>(batch, K, <f64>F, <f64>dt, inner, intervals, euler, x, tape, cts, all, out, work);
}
export function lorenz96_adjoint_f32(batch: i32, K: i32, F: f64, dt: f64, inner: i32, intervals: i32, euler: bool, x: usize, tape: usize, cts: usize, all: bool, out: usize, work: usize): void {
  adjoint<f32>(batch, K, <f32>F, <f32>dt, inner, intervals, euler, x, tape, cts, all, out, work);
}

