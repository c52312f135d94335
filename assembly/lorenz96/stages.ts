// Lorenz96: dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F, its tangent and its adjoint. A row holds a state with a vector before it and one behind, in which
// the numbers of its other end are. Every vector is loaded once, as it was stored (a load across two recent stores waits for both), and neighbours are
// shuffled from two of them. Vectors may run over the end of the state; what they write there is overwritten by `close`.
import { lanes, roundUp } from '../simd/lanes';

/** Numbers of a row: loops take two vectors at a time. */
// @ts-ignore: decorator
@inline
export function pitch<T>(K: i32): i32 {
  return roundUp(K, 2 * lanes<T>()) + 2 * lanes<T>();
}

/** Address of x_k in a row. */
// @ts-ignore: decorator
@inline
function at<T>(row: usize, k: i32): usize {
  return row + 16 + <isize>k * sizeof<T>();
}

/** Copies two numbers. */
// @ts-ignore: decorator
@inline
function copyTwo<T>(to: usize, from: usize): void {
  if (sizeof<T>() == 8) v128.store(to, v128.load(from));
  else store<u64>(to, load<u64>(from));
}

/** Writes what lies around a state. */
// @ts-ignore: decorator
@inline
export function close<T>(row: usize, K: i32): void {
  copyTwo<T>(at<T>(row, -2), at<T>(row, K - 2));
  copyTwo<T>(at<T>(row, K), at<T>(row, 0));
}

/** A row from K numbers. */
export function open<T>(row: usize, from: usize, K: i32): void {
  memory.copy(at<T>(row, 0), from, <usize>K * sizeof<T>());
  close<T>(row, K);
}

/** K numbers from a row. */
export function take<T>(to: usize, row: usize, K: i32): void {
  memory.copy(to, at<T>(row, 0), <usize>K * sizeof<T>());
}

/** x_{k-2}, from the vectors that begin with x_{k-lanes} and with x_k. */
// @ts-ignore: decorator
@inline
function minusTwo<T>(before: v128, here: v128): v128 {
  return sizeof<T>() == 8 ? before : v128.shuffle<f32>(before, here, 2, 3, 4, 5);
}

// @ts-ignore: decorator
@inline
function minusOne<T>(before: v128, here: v128): v128 {
  return sizeof<T>() == 8 ? v128.shuffle<f64>(before, here, 1, 2) : v128.shuffle<f32>(before, here, 3, 4, 5, 6);
}

/** x_{k+1}, from the vectors that begin with x_k and with x_{k+lanes}. */
// @ts-ignore: decorator
@inline
function plusOne<T>(here: v128, after: v128): v128 {
  return sizeof<T>() == 8 ? v128.shuffle<f64>(here, after, 1, 2) : v128.shuffle<f32>(here, after, 1, 2, 3, 4);
}

// @ts-ignore: decorator
@inline
function plusTwo<T>(here: v128, after: v128): v128 {
  return sizeof<T>() == 8 ? after : v128.shuffle<f32>(here, after, 2, 3, 4, 5);
}

/** f(x), from the vectors before, at and behind x_k. */
// @ts-ignore: decorator
@inline
function slope<T>(x0: v128, x1: v128, x2: v128, F: v128): v128 {
  const difference = v128.sub<T>(plusOne<T>(x1, x2), minusTwo<T>(x0, x1));
  return v128.add<T>(v128.sub<T>(v128.mul<T>(difference, minusOne<T>(x0, x1)), x1), F);
}

/** The derivative of f at x along v. */
// @ts-ignore: decorator
@inline
function tangentSlope<T>(x0: v128, x1: v128, x2: v128, v0: v128, v1: v128, v2: v128): v128 {
  const dx = v128.sub<T>(plusOne<T>(x1, x2), minusTwo<T>(x0, x1));
  const dv = v128.sub<T>(plusOne<T>(v1, v2), minusTwo<T>(v0, v1));
  return v128.sub<T>(v128.add<T>(v128.mul<T>(dv, minusOne<T>(x0, x1)), v128.mul<T>(dx, minusOne<T>(v0, v1))), v1);
}

/** The transpose of that at x, of l. */
// @ts-ignore: decorator
@inline
function adjointSlope<T>(x0: v128, x1: v128, x2: v128, l0: v128, l1: v128, l2: v128): v128 {
  const before = v128.mul<T>(minusOne<T>(l0, l1), minusTwo<T>(x0, x1));
  const after = v128.mul<T>(plusOne<T>(l1, l2), v128.sub<T>(plusTwo<T>(x1, x2), minusOne<T>(x0, x1)));
  const behind = v128.mul<T>(plusTwo<T>(l1, l2), plusOne<T>(x1, x2));
  return v128.sub<T>(v128.sub<T>(v128.add<T>(before, after), behind), l1);
}

/** Types for a stage of the state, and of its tangent. */
export type Value = u8;
export type Tangent = u16;

/** Places of a stage in a step: of several the first one, one in the middle, the last one; and Euler's only one. */
const FIRST: i32 = 0, MIDDLE: i32 = 1, LAST: i32 = 2, ONLY: i32 = 3;

/** What a stage does with two vectors of its slope, for numbers behind the first vector of these addresses. */
// @ts-ignore: decorator
@inline
function put<T>(place: i32, f: v128, g: v128, to: usize, base: usize, sum: usize, va: v128, vw: v128): void {
  if (place == FIRST) {
    v128.store(sum, f, 16);
    v128.store(sum, g, 32);
  }
  if (place == MIDDLE) {
    v128.store(sum, v128.add<T>(v128.load(sum, 16), v128.mul<T>(vw, f)), 16);
    v128.store(sum, v128.add<T>(v128.load(sum, 32), v128.mul<T>(vw, g)), 32);
  }
  if (place == LAST) {
    f = v128.add<T>(v128.load(sum, 16), f);
    g = v128.add<T>(v128.load(sum, 32), g);
  }
  v128.store(to, v128.add<T>(v128.load(base, 16), v128.mul<T>(va, f)), 16);
  v128.store(to, v128.add<T>(v128.load(base, 32), v128.mul<T>(va, g)), 32);
}

/**
 * A stage with slope f(from), for a tangent that of f at x along `from`: to = base + a f, where the last stage adds what `sum` has collected, w f of each of
 * the others.
 */
// @ts-ignore: decorator
@inline
function stage<T, M>(place: i32, x: usize, from: usize, to: usize, base: usize, sum: usize, a: T, w: T, F: T, K: i32): void {
  const va = v128.splat<T>(a), vw = v128.splat<T>(w), vF = v128.splat<T>(F);
  const bytes = <usize>K * sizeof<T>();
  let x0 = v128.load(x), x1 = v128.load(x, 16), v0 = v128.load(from), v1 = v128.load(from, 16);
  for (let k: usize = 0; k < bytes; k += 32) {
    const v2 = v128.load(from + k, 32), v3 = v128.load(from + k, 48);
    let f: v128, g: v128;
    if (sizeof<M>() == sizeof<Tangent>()) {
      const x2 = v128.load(x + k, 32), x3 = v128.load(x + k, 48);
      f = tangentSlope<T>(x0, x1, x2, v0, v1, v2);
      g = tangentSlope<T>(x1, x2, x3, v1, v2, v3);
      x0 = x2;
      x1 = x3;
    } else {
      f = slope<T>(v0, v1, v2, vF);
      g = slope<T>(v1, v2, v3, vF);
    }
    v0 = v2;
    v1 = v3;
    put<T>(place, f, g, to + k, base + k, sum + k, va, vw);
  }
  close<T>(to, K);
}

/** Stages in a step: of Euler's method, and of the classical Runge-Kutta method. */
// @ts-ignore: decorator
@inline
export function stagesOf(euler: bool): i32 {
  return euler ? 1 : 4;
}

/**
 * A step: the row at `rows` is the state, the stages behind it follow row by row, `size` bytes apart, and the next state is written to `next`. For a tangent
 * `values` are the rows of the state's step, which has been done.
 */
// @ts-ignore: decorator
@inline
export function step<T, M>(values: usize, rows: usize, size: usize, next: usize, sum: usize, dt: T, F: T, K: i32, euler: bool): void {
  if (euler) {
    stage<T, M>(ONLY, values, rows, next, rows, sum, dt, 0, F, K);
    return;
  }
  const half = <T>0.5 * dt;
  stage<T, M>(FIRST, values, rows, rows + size, rows, sum, half, 1, F, K);
  stage<T, M>(MIDDLE, values + size, rows + size, rows + 2 * size, rows, sum, half, 2, F, K);
  stage<T, M>(MIDDLE, values + 2 * size, rows + 2 * size, rows + 3 * size, rows, sum, dt, 2, F, K);
  stage<T, M>(LAST, values + 3 * size, rows + 3 * size, next, rows, sum, dt / 6, 1, F, K);
}

/**
 * A stage backwards: s = c times the adjoint slope at x of l; total = from + s, and, where it goes on, what the stage before is called with: next = a lambda + b s.
 * c is 1 but for the last stage of a step, with which this begins.
 */
// @ts-ignore: decorator
@inline
function back<T>(x: usize, l: usize, from: usize, total: usize, lambda: usize, next: usize, place: i32, a: T, b: T, c: T, K: i32): void {
  const va = v128.splat<T>(a), vb = v128.splat<T>(b), vc = v128.splat<T>(c);
  const going = place == LAST || place == MIDDLE;
  const bytes = <usize>K * sizeof<T>();
  let x0 = v128.load(x), x1 = v128.load(x, 16), l0 = v128.load(l), l1 = v128.load(l, 16);
  for (let k: usize = 0; k < bytes; k += 32) {
    const x2 = v128.load(x + k, 32), x3 = v128.load(x + k, 48);
    const l2 = v128.load(l + k, 32), l3 = v128.load(l + k, 48);
    let s = adjointSlope<T>(x0, x1, x2, l0, l1, l2), t = adjointSlope<T>(x1, x2, x3, l1, l2, l3);
    if (place == LAST || place == ONLY) {
      s = v128.mul<T>(vc, s);
      t = v128.mul<T>(vc, t);
    }
    x0 = x2;
    x1 = x3;
    l0 = l2;
    l1 = l3;
    v128.store(total + k, v128.add<T>(v128.load(from + k, 16), s), 16);
    v128.store(total + k, v128.add<T>(v128.load(from + k, 32), t), 32);
    if (going) {
      v128.store(next + k, v128.add<T>(v128.mul<T>(va, v128.load(lambda + k, 16)), v128.mul<T>(vb, s)), 16);
      v128.store(next + k, v128.add<T>(v128.mul<T>(va, v128.load(lambda + k, 32)), v128.mul<T>(vb, t)), 32);
    }
  }
  if (going) close<T>(next, K);
}

/** A step backwards: `rows` are the stages of the step; the cotangent `lambda` of its end, closed, becomes that of its start in `total`. `l`, `m`: rows of workspace. */
export function stepBack<T>(rows: usize, size: usize, lambda: usize, total: usize, l: usize, m: usize, dt: T, K: i32, euler: bool): void {
  if (euler) {
    back<T>(rows, lambda, lambda, total, lambda, 0, ONLY, 0, 0, dt, K);
    close<T>(total, K);
    return;
  }
  const sixth = dt / <T>6, third = dt / <T>3, half = <T>0.5 * dt;
  back<T>(rows + 3 * size, lambda, lambda, total, lambda, m, LAST, third, dt, sixth, K);
  back<T>(rows + 2 * size, m, total, total, lambda, l, MIDDLE, third, half, 1, K);
  back<T>(rows + size, l, total, total, lambda, m, MIDDLE, sixth, half, 1, K);
  back<T>(rows, m, total, total, lambda, 0, FIRST, 0, 0, 1, K);
  close<T>(total, K);
}
