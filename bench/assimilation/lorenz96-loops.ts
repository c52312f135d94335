// A window of Lorenz96 in plain JavaScript on typed arrays, with its adjoint by hand: what one writes without a library, as fast as V8 was found to run it.
// A row holds a state between two numbers of its other end on either side. The stages x, x1, x2, x3 of the steps of RK4 follow each other on a tape, so that
// no slope is stored: next = (x1 + 2 x2 + x3 - x) / 3 + dt/6 f(x3). Every number is loaded once in a pass; neighbours stay in variables.

/** Sizes and times of a window; every `every`-th number is observed, of the first state and of that behind each interval. */
export interface WindowSizes {
  K: number;
  F: number;
  dt: number;
  inner: number;
  intervals: number;
  every: number;
}

export interface LoopWindow {
  /** Σ |H(x_t) - y_t|² over the rows of y, [intervals + 1, K / every]. */
  value(x0: Float64Array, y: Float64Array): number;
  /** The same, and its gradient in x0 to `out`. */
  gradient(x0: Float64Array, y: Float64Array, out: Float64Array): number;
}

/** Numbers before the first of a row. */
const EDGE = 2;

/** What a row shows of its other end. */
function close(rows: Float64Array, at: number, K: number): void {
  const first = at + EDGE;
  const end = at + EDGE + K;
  rows[at] = rows[end - 2];
  rows[at + 1] = rows[end - 1];
  rows[end] = rows[first];
  rows[end + 1] = rows[first + 1];
}

/** rows[to] = rows[base] + a f(rows[from]). */
function stage(t: Float64Array, from: number, to: number, base: number, a: number, F: number, K: number) {
  let w = t[from];
  let x = t[from + 1];
  let y = t[from + 2];
  for (let k = EDGE; k < K + EDGE; k++) {
    const z = t[from + k + 1];
    t[to + k] = t[base + k] + a * ((z - w) * x - y + F);
    w = x;
    x = y;
    y = z;
  }
  close(t, to, K);
}

/** The state behind the stages at `at`, `size` apart, to `to`, which may be their first row. */
function last(t: Float64Array, at: number, size: number, to: number, dt: number, F: number, K: number): void {
  const one = at + size;
  const two = at + 2 * size;
  const three = at + 3 * size;
  const third = 1 / 3;
  const sixth = dt / 6;
  let w = t[three];
  let x = t[three + 1];
  let y = t[three + 2];
  for (let k = EDGE; k < K + EDGE; k++) {
    const z = t[three + k + 1];
    const mean = third * (t[one + k] + 2 * t[two + k] + y - t[at + k]);
    t[to + k] = mean + sixth * ((z - w) * x - y + F);
    w = x;
    x = y;
    y = z;
  }
  close(t, to, K);
}

/** m[to] = b m[lambda] + a f'(t[at])ᵀ m[from]. */
function back(
  t: Float64Array,
  at: number,
  m: Float64Array,
  from: number,
  to: number,
  lambda: number,
  a: number,
  b: number,
  K: number,
): void {
  let v = t[at];
  let w = t[at + 1];
  let x = t[at + 2];
  let y = t[at + 3];
  let p = m[from + 1];
  let q = m[from + 2];
  let r = m[from + 3];
  for (let k = EDGE; k < K + EDGE; k++) {
    const z = t[at + k + 2];
    const s = m[from + k + 2];
    m[to + k] = b * m[lambda + k] + a * (p * v - q + r * (z - w) - s * y);
    v = w;
    w = x;
    x = y;
    y = z;
    p = q;
    q = r;
    r = s;
  }
  close(m, to, K);
}

/** The last pass of a step backwards, with the sum of the other stages: m[lambda] = m1 + m2 + m3 - m[lambda] / 3 + a f'(t[at])ᵀ m1. */
function backFirst(
  t: Float64Array,
  at: number,
  m: Float64Array,
  size: number,
  lambda: number,
  a: number,
  K: number,
): void {
  const one = size;
  const two = 2 * size;
  const three = 3 * size;
  const third = 1 / 3;
  let v = t[at];
  let w = t[at + 1];
  let x = t[at + 2];
  let y = t[at + 3];
  let p = m[one + 1];
  let q = m[one + 2];
  let r = m[one + 3];
  for (let k = EDGE; k < K + EDGE; k++) {
    const z = t[at + k + 2];
    const s = m[one + k + 2];
    const others = q + m[two + k] + m[three + k] - third * m[lambda + k];
    m[lambda + k] = others + a * (p * v - q + r * (z - w) - s * y);
    v = w;
    w = x;
    x = y;
    y = z;
    p = q;
    q = r;
    r = s;
  }
  close(m, lambda, K);
}

/** A window with its buffers. */
export function loopWindow({ K, F, dt, inner, intervals, every }: WindowSizes): LoopWindow {
  const size = K + 2 * EDGE;
  const steps = inner * intervals;
  const observed = K / every;
  const tape = new Float64Array((4 * steps + 1) * size);
  /** Cotangents: of the state behind a step, and of its stages. */
  const m = new Float64Array(4 * size);
  const third = 1 / 3;

  function open(x0: Float64Array): void {
    tape.set(x0, EDGE);
    close(tape, 0, K);
  }

  /** A step from the row `at` to the row `next`. */
  function step(at: number, next: number): void {
    stage(tape, at, at + size, at, dt / 2, F, K);
    stage(tape, at + size, at + 2 * size, at, dt / 2, F, K);
    stage(tape, at + 2 * size, at + 3 * size, at, dt, F, K);
    last(tape, at, size, next, dt, F, K);
  }

  function misfit(at: number, y: Float64Array, row: number): number {
    let sum = 0;
    for (let i = 0; i < observed; i++) {
      const d = tape[at + EDGE + i * every] - y[row * observed + i];
      sum += d * d;
    }
    return sum;
  }

  /** Adds the gradient of a row's misfit to the cotangent of its state. */
  function pull(at: number, y: Float64Array, row: number): void {
    for (let i = 0; i < observed; i++)
      m[EDGE + i * every] += 2 * (tape[at + EDGE + i * every] - y[row * observed + i]);
    close(m, 0, K);
  }

  function value(x0: Float64Array, y: Float64Array): number {
    open(x0);
    let sum = misfit(0, y, 0);
    for (let t = 1; t <= intervals; t++) {
      // Without a tape each step takes the place of the one before.
      for (let n = 0; n < inner; n++) step(0, 0);
      sum += misfit(0, y, t);
    }
    return sum;
  }

  function gradient(x0: Float64Array, y: Float64Array, out: Float64Array): number {
    open(x0);
    let sum = misfit(0, y, 0);
    let at = 0;
    for (let t = 1; t <= intervals; t++) {
      for (let n = 0; n < inner; n++, at += 4 * size) step(at, at + 4 * size);
      sum += misfit(at, y, t);
    }
    m.fill(0);
    for (let t = intervals; t > 0; t--) {
      pull(at, y, t);
      for (let n = 0; n < inner; n++) {
        at -= 4 * size;
        back(tape, at + 3 * size, m, 0, 3 * size, 0, dt / 6, third, K);
        back(tape, at + 2 * size, m, 3 * size, 2 * size, 0, dt, 2 * third, K);
        back(tape, at + size, m, 2 * size, size, 0, dt / 2, third, K);
        backFirst(tape, at, m, size, 0, dt / 2, K);
      }
    }
    pull(0, y, 0);
    out.set(m.subarray(EDGE, EDGE + K));
    return sum;
  }

  return { value, gradient };
}
