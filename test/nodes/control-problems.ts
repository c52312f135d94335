// Problems of optimal control for the tests, and what they compare with.
import {
  add,
  concat,
  jvp,
  matmul,
  mul,
  type nodes,
  reshape,
  scope,
  sin,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { drawing } from '../support/check.js';

export type ControlOptions = Parameters<typeof nodes.optimalControl>[0];
export type Report = Parameters<NonNullable<ControlOptions['onSolve']>>[0];
// biome-ignore lint/suspicious/noExplicitAny: parameters of any kind
export type Any = any;

/** Numbers on [-1, 1). */
export function noise(shape: readonly number[], seed = 1): Tensor {
  const size = shape.reduce((p, n) => p * n, 1);
  return tensor(Float64Array.from({ length: size }, drawing(seed)), { shape });
}

export const listOf = (x: Tensor): number[] => Array.from(x.toTypedArray());

/** Entry i of the last axis, which stays. */
export function last(x: Tensor, i: number): Tensor {
  return slice(x, [...Array(x.ndim - 1).fill(0), i], [...x.shape.slice(0, -1), i + 1]);
}

/** Entry i of a vector, as a scalar. */
export const pick = (x: Tensor, i: number): Tensor => reshape(slice(x, [i], [i + 1]), []);

export const overLast = (x: Tensor): Tensor => sum(x, { axis: -1 });

/** |x|² / 2 with weights. */
export const half = (x: Tensor, weight = 1): Tensor => mul(overLast(square(x)), weight / 2);

/** A damped pendulum with a motor: theta is (gravity, damping). */
export const pendulum =
  (h: number) =>
  (x: Tensor, u: Tensor, theta: Tensor): Tensor => {
    const [angle, speed] = [last(x, 0), last(x, 1)];
    const force = sub(sub(u, mul(pick(theta, 0), sin(angle))), mul(pick(theta, 1), speed));
    return concat([add(angle, mul(speed, h)), add(speed, mul(force, h))], -1);
  };

/** x' = A x + B u, with theta = { A, B }. */
export const linear = (x: Tensor, u: Tensor, { A, B }: { A: Tensor; B: Tensor }): Tensor =>
  add(matmul(x, A, { transposeB: true }), matmul(u, B, { transposeB: true }));

/** Bounds -bound <= u <= bound. */
export const within = (bound: number) => (_x: Tensor, u: Tensor) =>
  concat([sub(u, bound), sub(mul(u, -1), bound)], -1);

/** Differences of a scalar function of numbers. */
export function differences(f: (x: number[]) => number, x: readonly number[], h = 1e-5): number[] {
  return x.map((_, i) => {
    const at = (by: number) => f(x.map((v, k) => (k === i ? v + by : v)));
    return (at(h) - at(-h)) / (2 * h);
  });
}

/** <v, y> of trees given as lists. */
export const inner = (v: readonly Tensor[], y: readonly Tensor[]): Tensor =>
  v.map((w, i) => sum(mul(w, y[i]))).reduce((a, b) => add(a, b));

/** <V, J t> - <JᵀV, t>, relative. */
export function adjointError(f: (...xs: Any[]) => Tensor, args: Tensor[], seed = 7): number {
  return scope(() => {
    const { value, pullback } = vjp(f, ...args);
    const V = noise(value.shape, seed);
    const tangents = args.map((a, i) => noise(a.shape, seed + i + 1));
    const { tangent } = jvp(f, args, tangents);
    const [p, q] = [inner([V], [tangent]), inner(pullback(V), tangents)];
    const difference = Math.abs(p.item() - q.item()) / (1e-300 + Math.abs(p.item()) + Math.abs(q.item()));
    return tensor(difference);
  }).item();
}

/** States and controls of x' = A x + B u, cost (|x|² + r |u|²) / 2 and e |x|² / 2, by Riccati's equation in plain numbers. */
export function riccati(
  T: number,
  A: readonly number[],
  B: readonly number[],
  [nx, nu]: readonly [number, number],
  { r, e }: { r: number; e: number },
  x0: readonly number[],
): { states: number[]; controls: number[] } {
  const product = (a: readonly number[], b: readonly number[], n: number, k: number, m: number) =>
    Array.from({ length: n * m }, (_, at) => {
      let total = 0;
      for (let l = 0; l < k; l++) total += a[Math.floor(at / m) * k + l] * b[l * m + (at % m)];
      return total;
    });
  const turned = (a: readonly number[], n: number, m: number) =>
    Array.from({ length: n * m }, (_, at) => a[(at % n) * m + Math.floor(at / n)]);
  const identity = (n: number, by: number) =>
    Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? by : 0));
  let S = identity(nx, e);
  const gains: number[][] = [];
  for (let t = T - 1; t >= 0; t--) {
    const BS = product(turned(B, nx, nu), S, nu, nx, nx);
    const M = product(BS, B, nu, nx, nu).map((v, i) => v + identity(nu, r)[i]);
    const K = solved(M, product(BS, A, nu, nx, nx), nu, nx);
    gains.unshift(K);
    const closed = A.map((v, i) => v - product(B, K, nx, nu, nx)[i]);
    S = product(turned(A, nx, nx), product(S, closed, nx, nx, nx), nx, nx, nx).map(
      (v, i) => v + identity(nx, 1)[i],
    );
  }
  let x = [...x0];
  const [states, controls] = [[...x0], [] as number[]];
  for (const K of gains) {
    const u = product(K, x, nu, nx, 1).map((v) => -v);
    const forced = product(B, u, nx, nu, 1);
    x = product(A, x, nx, nx, 1).map((v, i) => v + forced[i]);
    states.push(...x);
    controls.push(...u);
  }
  return { states, controls };
}

/** M⁻¹ N by Gaussian elimination, M positive definite. */
function solved(M: readonly number[], N: readonly number[], n: number, m: number): number[] {
  const [a, b] = [[...M], [...N]];
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k] / a[k * n + k];
      for (let j = 0; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      for (let j = 0; j < m; j++) b[i * m + j] -= factor * b[k * m + j];
    }
  return b.map((v, at) => v / a[Math.floor(at / m) * (n + 1)]);
}
