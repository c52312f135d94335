// The frozen kernels whose one text serves both APIs, in plain JavaScript, with JavaScript's own functions put in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as frozen from '#src/generated/gpu-kernels.js';
import { noise } from './reference.js';

type Four = readonly number[];
type Functions = Readonly<Record<string, (...x: number[]) => number>>;

/** A frozen kernel as a function of this engine, and how it is called for the thread x, y, z. */
function thaw(text: string, functions: Functions = {}) {
  const names = Object.keys(functions);
  const kernel = new Function(...names, `return ${text}`)(...Object.values(functions)) as (
    ...args: unknown[]
  ) => Four;
  return (x: number, y: number, z: number, ...args: unknown[]) =>
    kernel.call({ thread: { x, y, z } }, ...args);
}

/**
 * x[z][y][c] over rows of `cols` numbers without gaps, any index of which may run on, as on a device; behind the end are zeros.
 */
function stack(values: Float32Array, rows: number, cols: number): number[][][] {
  const row = (at: number) =>
    new Proxy([], { get: (_, c) => values[at * cols + Number(c)] ?? 0 }) as unknown as number[];
  const matrix = (z: number) =>
    new Proxy([], { get: (_, y) => row(z * rows + Number(y)) }) as unknown as number[][];
  return new Proxy([], { get: (_, z) => matrix(Number(z)) }) as unknown as number[][][];
}

/** All numbers of a result of this extent. */
function run(
  call: (x: number, y: number, z: number) => Four,
  [batches, rows, cols]: readonly [number, number, number],
): number[] {
  const all: number[] = [];
  for (let z = 0; z < batches; z++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < Math.ceil(cols / 4); x++) all.push(...call(x, y, z).slice(0, cols - 4 * x));
  return all;
}

const near = (got: readonly number[], wanted: readonly number[]) => {
  assert.is(got.length, wanted.length);
  for (let i = 0; i < wanted.length; i++)
    assert.ok(
      Math.abs(got[i] - wanted[i]) <= 1e-12 * (1 + Math.abs(wanted[i])),
      `${i}: ${got[i]}, not ${wanted[i]}`,
    );
};

const [B, M, N] = [2, 3, 6];
const a = noise(B * M * N, 51);

test('elementwise', () => {
  const map = thaw(frozen.mapElements, { operation: Math.abs });
  assert.equal(
    run((x, y, z) => map(x, y, z, stack(a, M, N)), [B, M, N]),
    Array.from(a, Math.abs),
  );
  // A column for the second operand, which is the same for both matrices.
  const zip = thaw(frozen.zipElements, { operation: (x, y) => x - y });
  const b = noise(M, 52);
  assert.equal(
    run((x, y, z) => zip(x, y, z, stack(a, M, N), stack(b, M, 1), [0, 1], [0, 0], 1, 1, 1, 0), [B, M, N]),
    Array.from(a, (v, i) => v - b[Math.floor(i / N) % M]),
  );
});

test('reductions', () => {
  const functions = { operation: (x: number, y: number) => 2 * x + y };
  const chain = (x: readonly number[]) => x.reduce((sum, v) => 2 * sum + v);
  const row = (i: number) => Array.from(a.subarray(i * N, (i + 1) * N));
  const parts = thaw(frozen.reduceParts, functions);
  near(
    run((x, y, z) => parts(x, y, z, stack(a, M, N), N, 4), [B, M, 2]),
    Array.from({ length: B * M }, (_, i) => [chain(row(i).slice(0, 4)), chain(row(i).slice(4))]).flat(),
  );
  const rows = thaw(frozen.reduceRows, functions);
  const wanted = Array.from({ length: B * M }, (_, i) => chain(row(i)));
  near(
    run((x, y, z) => rows(x, y, z, stack(a, M, N), N, B, M), [1, B, M]),
    wanted,
  );
  near(
    run((x, y, z) => rows(x, y, z, stack(a, M, N), N, M, 1), [B, M, 1]),
    wanted,
  );
});

for (const wrong of [0, -1, 1]) {
  // A device's quotient may be wrong by one where it is rounded to a whole number.
  test(`convolution, quotients of places ${wrong === 0 ? 'right' : `wrong by ${wrong}`}`, () => {
    const text = frozen.convolvePlanes.replaceAll(/Math\.floor\(\w+ \/ \w+\)/g, `($& + ${wrong})`);
    assert.is(text === frozen.convolvePlanes, false);
    const kernel = thaw(text);
    const [H, W, K] = [4, 5, 3];
    const [x, w] = [noise(2 * H * W, 53), noise(2 * 2 * K * K, 54)];
    for (const isPeriodic of [0, 1]) {
      // One image of two channels, two outs, zeros or the other end around.
      const geometry = [1, 2, H, W, K, K, 1, 1, 1, 1, 1, 1, isPeriodic, isPeriodic];
      const got = run(
        (i, j, z) => kernel(i, j, z, stack(x, H, W), stack(w, K, K), [[[7, 8]]], [0, 0], [0, 1], ...geometry),
        [2, H, W],
      );
      const wanted: number[] = [];
      for (let o = 0; o < 2; o++)
        for (let i = 0; i < H; i++)
          for (let j = 0; j < W; j++) {
            let sum = 7 + o;
            for (let c = 0; c < 2; c++)
              for (let p = 0; p < K; p++)
                for (let q = 0; q < K; q++) {
                  let [row, column] = [i + p - 1, j + q - 1];
                  if (isPeriodic) [row, column] = [(row + H) % H, (column + W) % W];
                  if (row < 0 || row >= H || column < 0 || column >= W) continue;
                  sum += w[((2 * o + c) * K + p) * K + q] * x[(c * H + row) * W + column];
                }
            wanted.push(sum);
          }
      near(got, wanted);
    }
  });
}

test('halves of a step of Sinkhorn’s method, and the plan', () => {
  const functions = {
    maximum: Math.max,
    expDifference: (x: number, y: number) => Math.exp(x - y),
    exponential: Math.exp,
    logarithm: Math.log,
  };
  const gamma = 1.5;
  const [r, c] = [noise(B * M, 55).map((v) => v + 2), noise(B * N, 56).map((v) => v + 2)];
  const cost = (z: number, i: number, j: number) => gamma * a[(z * M + i) * N + j];
  const rows = thaw(frozen.sinkhornRows, functions);
  const alpha = run(
    (x, y, z) => rows(x, y, z, stack(a, M, N), stack(c, B, N), stack(r, B, M), gamma, B, N),
    [1, B, M],
  );
  near(
    alpha,
    Array.from(r, (mass, at) => {
      const [z, i] = [Math.floor(at / M), at % M];
      let sum = 0;
      for (let j = 0; j < N; j++) sum += Math.exp(c[z * N + j] - cost(z, i, j));
      return Math.log(mass) - Math.log(sum);
    }),
  );
  const columns = thaw(frozen.sinkhornColumns, functions);
  near(
    run(
      (x, y, z) => columns(x, y, z, stack(a, M, N), stack(r, B, M), stack(c, B, N), gamma, B, M),
      [1, B, N],
    ),
    Array.from(c, (mass, at) => {
      const [z, j] = [Math.floor(at / N), at % N];
      let sum = 0;
      for (let i = 0; i < M; i++) sum += Math.exp(r[z * M + i] - cost(z, i, j));
      return Math.log(mass) - Math.log(sum);
    }),
  );
  const plan = thaw(frozen.transportPlan, functions);
  near(
    run((x, y, z) => plan(x, y, z, stack(a, M, N), stack(r, B, M), stack(c, B, N), gamma), [B, M, N]),
    Array.from(a, (v, at) => {
      const z = Math.floor(at / (M * N));
      return Math.exp(r[Math.floor(at / N)] + c[z * N + (at % N)] - gamma * v);
    }),
  );
});

test('a step of Lorenz96', () => {
  const slope = (after: number, before2: number, before1: number, here: number, F: number) =>
    (after - before2) * before1 - here + F;
  const step = thaw(frozen.lorenz96Step, { slope, advance: (x, h, f) => x + h * f });
  const [K, F, dt] = [7, 8, 0.05];
  const state = noise(K, 57);
  const places = Array.from({ length: K + 1 + 12 }, (_, i) => (i + 8 * (K - 1)) % K);
  const f = (x: number[]) =>
    x.map((v, k) => slope(x[(k + 1) % K], x[(k + K - 2) % K], x[(k + K - 1) % K], v, F));
  const moved = (x: number[], h: number, s: number[]) => x.map((v, k) => v + h * s[k]);
  const x = Array.from(state);
  const p = f(x);
  const q = f(moved(x, dt / 2, p));
  const r = f(moved(x, dt / 2, q));
  const s = f(moved(x, dt, r));
  near(
    run((i, y, z) => step(i, y, z, stack(state, 1, K), places, F, dt, dt / 2, dt / 6), [1, 1, K]),
    x.map((v, k) => v + (dt / 6) * (p[k] + 2 * q[k] + 2 * r[k] + s[k])),
  );
});

test.run();
