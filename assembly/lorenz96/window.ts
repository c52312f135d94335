// Windows of Lorenz96: members one after the other, `intervals` intervals of `inner` steps each.
import { unwrapped } from '../simd/lanes';
import { close, open, pitch, stagesOf, step, stepBack, take, Tangent, Value } from './stages';

/** Bytes of a row. */
// @ts-ignore: decorator
@inline
function rowBytes<T>(K: i32): usize {
  return <usize>pitch<T>(K) * sizeof<T>();
}

/** Bytes of the rows of all stages of a member. */
// @ts-ignore: decorator
@inline
export function tapeBytes<T>(K: i32, steps: i32, euler: bool): usize {
  const bytes = rowBytes<T>(K) * (<usize>steps * <usize>stagesOf(euler) + 1);
  return unwrapped(bytes, <f64>K * <f64>sizeof<T>() * <f64>steps);
}

/** Bytes of workspace of `forward` and `tangent`. */
// @ts-ignore: decorator
@inline
export function stepBytes<T>(K: i32): usize {
  return 13 * rowBytes<T>(K);
}

/** Bytes of workspace of `adjoint`, which keeps the stages there if there is no tape. */
// @ts-ignore: decorator
@inline
export function adjointBytes<T>(K: i32, steps: i32, euler: bool, taped: bool): usize {
  const tape = taped ? 0 : tapeBytes<T>(K, steps, euler);
  return tape == <usize>-1 ? tape : tape + 5 * rowBytes<T>(K);
}

/**
 * States after the intervals, of each of `batch` members: all of them with the first one before, or the last one. With a tape the rows of all stages are
 * kept there, `tapeBytes` for each member.
 */
export function forward<T>(batch: i32, K: i32, F: T, dt: T, inner: i32, intervals: i32, euler: bool, x: usize, out: usize, all: bool, tape: usize, work: usize): void {
  const size = rowBytes<T>(K), bytes = <usize>K * sizeof<T>(), stages = <usize>stagesOf(euler) * size;
  const sum = work, one = work + size, other = one + stages;
  const pace = tapeBytes<T>(K, inner * intervals, euler);
  for (let b = 0; b < batch; b++) {
    let rows = tape == 0 ? one : tape + <usize>b * pace;
    open<T>(rows, x + <usize>b * bytes, K);
    if (all) {
      take<T>(out, rows, K);
      out += bytes;
    }
    for (let i = 0; i < intervals; i++) {
      for (let n = 0; n < inner; n++) {
        const next = tape != 0 ? rows + stages : rows == one ? other : one;
        step<T, Value>(rows, rows, size, next, sum, dt, F, K, euler);
        rows = next;
      }
      if (all) {
        take<T>(out, rows, K);
        out += bytes;
      }
    }
    if (!all) {
      take<T>(out, rows, K);
      out += bytes;
    }
  }
}

/** The derivative of `forward` at x along v. */
export function tangent<T>(batch: i32, K: i32, F: T, dt: T, inner: i32, intervals: i32, euler: bool, x: usize, v: usize, out: usize, all: bool, work: usize): void {
  const size = rowBytes<T>(K), bytes = <usize>K * sizeof<T>();
  const sum = work, values = work + size, rows = values + 5 * size, after = <usize>stagesOf(euler) * size;
  for (let b = 0; b < batch; b++) {
    open<T>(values, x + <usize>b * bytes, K);
    open<T>(rows, v + <usize>b * bytes, K);
    if (all) {
      take<T>(out, rows, K);
      out += bytes;
    }
    for (let i = 0; i < intervals; i++) {
      for (let n = 0; n < inner; n++) {
        step<T, Value>(values, values, size, values + after, sum, dt, F, K, euler);
        step<T, Tangent>(values, rows, size, rows + after, sum, dt, 0, K, euler);
        memory.copy(values, values + after, size);
        memory.copy(rows, rows + after, size);
      }
      if (all) {
        take<T>(out, rows, K);
        out += bytes;
      }
    }
    if (!all) {
      take<T>(out, rows, K);
      out += bytes;
    }
  }
}

/** The transpose of `tangent` at x: cotangents of the states that `forward` gives to those of x. `tape`: that of `forward` at x, or 0. */
export function adjoint<T>(batch: i32, K: i32, F: T, dt: T, inner: i32, intervals: i32, euler: bool, x: usize, tape: usize, cts: usize, all: bool, out: usize, work: usize): void {
  const size = rowBytes<T>(K), bytes = <usize>K * sizeof<T>(), stages = <usize>stagesOf(euler) * size;
  const steps = inner * intervals, pace = tapeBytes<T>(K, steps, euler);
  const l = work, m = l + size, sum = m + size, one = sum + size, other = one + size, own = other + size;
  const count = <usize>(all ? intervals + 1 : 1) * bytes;
  for (let b = 0; b < batch; b++) {
    let rows = tape == 0 ? own : tape + <usize>b * pace;
    if (tape == 0) {
      open<T>(rows, x + <usize>b * bytes, K);
      for (let n = 0; n < steps; n++, rows += stages) step<T, Value>(rows, rows, size, rows + stages, sum, dt, F, K, euler);
    } else rows += <usize>steps * stages;
    let ct = cts + <usize>(b + 1) * count - bytes, lambda = one, total = other;
    open<T>(lambda, ct, K);
    for (let i = intervals - 1; i >= 0; i--) {
      for (let n = 0; n < inner; n++) {
        rows -= stages;
        stepBack<T>(rows, size, lambda, total, l, m, dt, K, euler);
        const done = lambda;
        lambda = total;
        total = done;
      }
      if (all) {
        ct -= bytes;
        const row = lambda + 16;
        for (let k: usize = 0; k < bytes; k += sizeof<T>()) store<T>(row + k, <T>(load<T>(row + k) + load<T>(ct + k)));
        close<T>(lambda, K);
      }
    }
    take<T>(out + <usize>b * bytes, lambda, K);
  }
}
