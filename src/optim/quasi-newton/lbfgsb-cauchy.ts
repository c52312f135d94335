// The generalized Cauchy point: the first local minimum of the quadratic model along x - t g, projected on a box.
import type { Tensor } from '../../core/tensor.js';
import type { Box } from './lbfgsb-box.js';
import type { CompactHessian } from './lbfgsb-compact.js';

/** The Cauchy point, and what is known there. */
export interface CauchyPoint {
  point: Float64Array;
  /** Wᵀ (point - x). */
  c: Float64Array;
  /** 1 for variables that are held by a bound. */
  fixed: Uint8Array;
}

/**
 * Walks from breakpoint to breakpoint of the projected path, at each of which a variable meets its bound, and updates
 * the slope and the curvature of the model in O(m) operations. `d` is workspace [n].
 * Source: Byrd, Lu, Nocedal and Zhu, SIAM J. Sci. Comput. 16 (1995), Algorithm CP.
 */
export function cauchyPoint(
  x: Tensor,
  gradient: Tensor,
  d: Tensor,
  box: Box,
  B: CompactHessian,
): CauchyPoint {
  const [X, G, D, n] = [x.data(), gradient.data(), d.data(), x.size];
  const { lower, upper } = box;
  const point = Float64Array.from(X);
  const fixed = new Uint8Array(n);
  const times = new Float64Array(n);
  const waiting: number[] = [];
  let square = 0;
  for (let i = 0; i < n; i++) {
    const g = G[i];
    times[i] = g < 0 ? (X[i] - upper[i]) / g : g > 0 ? (X[i] - lower[i]) / g : Number.POSITIVE_INFINITY;
    D[i] = times[i] > 0 ? -g : 0;
    square += D[i] * D[i];
    if (!(times[i] > 0)) fixed[i] = 1;
    else if (times[i] < Number.POSITIVE_INFINITY) waiting.push(i);
    if (g === 0 && (X[i] === lower[i] || X[i] === upper[i])) fixed[i] = 1;
  }
  const { theta, width } = B;
  const p = B.project(d);
  const c = new Float64Array(width);
  const row = new Float64Array(width);
  let slope = -square;
  const first = theta * square - inner(p, B.solve(p));
  let curvature = first;
  let t = 0;
  if (!(square > 0)) return { point, c, fixed };
  const heap = new Heap(waiting, times);
  let rest = -slope / curvature;
  for (let b = heap.pop(); b !== undefined; b = heap.pop()) {
    const advance = times[b] - t;
    if (!(rest >= advance)) break;
    const g = G[b];
    point[b] = g > 0 ? lower[b] : upper[b];
    fixed[b] = 1;
    D[b] = 0;
    for (let j = 0; j < width; j++) c[j] += advance * p[j];
    B.row(b, row);
    const w = B.solve(row);
    slope += advance * curvature + g * g + theta * g * (point[b] - X[b]) - g * inner(w, c);
    curvature -= theta * g * g + 2 * g * inner(w, p) + g * g * inner(w, row);
    curvature = Math.max(curvature, first * Number.EPSILON);
    for (let j = 0; j < width; j++) p[j] += g * row[j];
    t = times[b];
    rest = -slope / curvature;
  }
  rest = Math.max(rest, 0);
  t += rest;
  // If every variable has met a bound, D is zero and any t will do.
  if (!Number.isFinite(t)) t = 0;
  for (let i = 0; i < n; i++) if (D[i] !== 0) point[i] = box.clamp(i, X[i] + t * D[i]);
  for (let j = 0; j < width; j++) c[j] += Number.isFinite(rest) ? rest * p[j] : 0;
  return { point, c, fixed };
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Numbers in the order of their times; only as many are sorted as are requested. */
class Heap {
  readonly #items: number[];
  readonly #times: Float64Array;

  constructor(items: number[], times: Float64Array) {
    this.#items = items;
    this.#times = times;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0 && last !== undefined) {
      items[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #sink(from: number): void {
    const [items, times] = [this.#items, this.#times];
    const item = items[from];
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && times[items[child + 1]] < times[items[child]]) child++;
      if (times[items[child]] >= times[item]) break;
      items[i] = items[child];
      i = child;
    }
    items[i] = item;
  }
}
