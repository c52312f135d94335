// npm run bench:nodes: declarative nodes against their own unrolled gradients, their forward passes, and other solvers; in one
// process, alternating.
//   node build/bench/peers/nodes.js [--only unrolled,backward,programs,control] [--seconds 2]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import { comparing } from './compare.js';
import type { DuelOptions } from './duel.js';
import { installPeers } from './install.js';
import { type ProgramBatch, peersOfPrograms } from './quadratic-programs.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'unrolled,backward,programs,control' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 3 };
const compare = comparing(options);
const { nodes } = ct;
type T = ct.Tensor;

const normal = (seed: number, ...shape: number[]) =>
  toTensor(
    normals(
      shape.reduce((product, extent) => product * extent, 1),
      'f64',
      seed,
    ),
    shape,
  );

/** The pullback alone, of a recording that is made once. */
function pullbackOf(f: (...xs: T[]) => T, args: T[]): { run(): void; dispose(): void } {
  const { value, pullback, dispose } = ct.vjp(f, ...args);
  const V = ct.ones(value.shape);
  value.dispose();
  return { run: () => ct.scope(() => void pullback(V)), dispose };
}

/** What the recording of a function holds, in bytes. */
function bytesHeld(f: (...xs: T[]) => T, args: T[]): number {
  const before = ct.memory().bytes;
  const { value, dispose } = ct.vjp(f, ...args);
  const held = ct.memory().bytes - before;
  value.dispose();
  dispose();
  return held;
}

async function implicitAndUnrolled(
  what: string,
  implicit: (...xs: T[]) => T,
  unrolled: (...xs: T[]) => T,
  args: T[],
) {
  const sides = [implicit, unrolled].map((f) => pullbackOf(f, args));
  await compare(
    `${what}: backward`,
    [
      { name: 'implicit', run: sides[0].run },
      { name: 'unrolled', run: sides[1].run },
    ],
    'at least 3',
  );
  for (const side of sides) side.dispose();
  const [few, many] = [implicit, unrolled].map((f) => bytesHeld(f, args));
  console.log(
    `| ${what}: bytes kept for the way back | ${few} | unrolled | ${many} | ${(many / few).toFixed(1)} | |`,
  );
}

async function unrolled(): Promise<void> {
  const n = 100;
  const [A, b] = [normal(1, 2 * n, n), normal(2, 2 * n)];
  const conjugateGradients = (A: T, b: T) => {
    let [x, r] = [ct.zeros([n]), ct.matmul(A, b, { transposeA: true })];
    let p = r;
    let square = ct.dot(r, r);
    for (let k = 0; k < n && square.item() > 1e-20; k++) {
      const image = ct.matmul(A, ct.matmul(A, p), { transposeA: true });
      const step = ct.div(square, ct.dot(p, image));
      x = ct.add(x, ct.mul(step, p));
      r = ct.sub(r, ct.mul(step, image));
      const next = ct.dot(r, r);
      p = ct.add(r, ct.mul(ct.div(next, square), p));
      square = next;
    }
    return x;
  };
  await implicitAndUnrolled(
    'least squares, 200 x 100',
    (A, b) => nodes.leastSquares(A, b),
    conjugateGradients,
    [A, b],
  );
  const clouds = [normal(3, n, 2), normal(4, n, 2)].map((points) => points.toTypedArray());
  const M = ct.tensor(
    Float64Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [2 * Math.floor(k / n), 2 * (k % n)];
      const [x, y] = [clouds[0][i] - clouds[1][j], clouds[0][i + 1] - clouds[1][j + 1]];
      return (x * x + y * y) / 16;
    }),
    { shape: [n, n] },
  );
  const level = Math.log(1 / n);
  for (const gamma of [10, 50]) {
    const sweep = (K: T, v: T) => {
      const u = ct.sub(level, ct.logsumexp(ct.add(K, v), { axis: 1 }));
      return { u, v: ct.sub(level, ct.logsumexp(ct.add(K, ct.expandDims(u, 1)), { axis: 0 })) };
    };
    const planOf = (K: T, { u, v }: { u: T; v: T }) => ct.exp(ct.add(ct.add(K, ct.expandDims(u, 1)), v));
    let sweeps = 0;
    ct.scope(() => {
      const K = ct.mul(M, -gamma);
      let s = sweep(K, ct.zeros([n]));
      for (sweeps = 1; sweeps < 2000; sweeps++) {
        const rows = ct.sub(ct.sum(planOf(K, s), { axis: 1 }), 1 / n).toTypedArray();
        if (n * Math.max(...Array.from(rows, Math.abs)) <= 1e-9) break;
        s = sweep(K, s.v);
      }
    });
    const steps = (M: T) => {
      const K = ct.mul(M, -gamma);
      let s = sweep(K, ct.zeros([n]));
      for (let k = 1; k < sweeps; k++) s = sweep(K, s.v);
      return planOf(K, s);
    };
    const what = `optimal transport, 100 x 100, gamma ${gamma}, ${sweeps} sweeps`;
    await implicitAndUnrolled(what, (M) => nodes.optimalTransport(M, { gamma }), steps, [M]);
  }
}

/** Backward passes against forward passes. */
async function backward(): Promise<void> {
  const m = 128;
  const B = normal(5, m, m);
  const X = ct.add(B, ct.transpose(B));
  const { pullback, value, dispose } = ct.vjp((x: T) => {
    const { values, vectors } = nodes.eigh(x);
    return [values, vectors];
  }, X);
  const seeds = [ct.ones([m]), normal(6, m, m)];
  await compare(
    'eigenvectors, 128 x 128: backward',
    [
      { name: 'backward', run: () => ct.scope(() => void pullback(seeds)) },
      { name: 'forward', run: () => ct.scope(() => void nodes.eigh(X)) },
    ],
    'at most 0.5',
    true,
  );
  for (const x of value as T[]) x.dispose();
  dispose();
  const n = 100;
  const chain = nodes.argmin<T>({
    objective: (x, u) => {
      const [head, tail] = [ct.slice(u, [0], [n - 1]), ct.slice(u, [1], [n])];
      const curved = ct.square(ct.sub(tail, ct.square(head)));
      return ct.sum(
        ct.add(
          ct.mul(ct.exp(ct.slice(x, [0], [n - 1])), curved),
          ct.square(ct.sub(ct.slice(x, [1], [n]), head)),
        ),
      );
    },
  });
  const [x, u0] = [ct.mul(normal(7, n), 0.3), ct.zeros([n])];
  const f = (z: T) => chain(z, u0);
  const side = pullbackOf(f, [x]);
  await compare(
    'argmin like Rosenbrock, 100 unknowns: backward',
    [
      { name: 'backward', run: side.run },
      { name: 'forward', run: () => ct.scope(() => void f(x)) },
    ],
    'at most 0.05',
    true,
  );
  side.dispose();
}

/** A batch of programs that have a point inside. */
function programsOf(count: number, n: number, p: number, q: number): ProgramBatch {
  const L = normal(8, count, n, n);
  const P = ct.add(ct.mul(ct.matmul(L, L, { transposeB: true }), 1 / n), ct.mul(ct.eye(n), 0.1));
  return {
    count,
    n,
    p,
    q,
    P,
    c: normal(9, count, n),
    G: normal(10, count, p, n),
    h: ct.ones([count, p]),
    A: normal(11, count, q, n),
    b: ct.full([count, q], 0.1),
  };
}

async function programs(): Promise<void> {
  const batch = programsOf(128, 50, 50, 10);
  const solve = (P: T, q: T, G: T, h: T, A: T, b: T) => nodes.quadraticProgram({ P, q, G, h, A, b });
  const args = [batch.P, batch.c, batch.G, batch.h, batch.A, batch.b];
  const forward = () => ct.scope(() => void solve(...(args as [T, T, T, T, T, T])));
  installPeers();
  const peers = await peersOfPrograms(batch);
  const ours = ct.scope(() => ({ x: Array.from(solve(...(args as [T, T, T, T, T, T])).toTypedArray()) })).x;
  for (const { name, solution } of peers) {
    const far = Math.max(...solution().map((value, i) => Math.abs(value - ours[i])));
    if (!(far < 1e-5)) throw new Error(`${name} differs by ${far}`);
  }
  const what = '128 programs of 50 unknowns, 50 inequalities, 10 equalities';
  for (const [i, { name, run }] of peers.entries())
    await compare(
      what,
      [
        { name: 'cotangent', run: forward },
        { name, run },
      ],
      `at least ${[5, 10][i]}`,
    );
  const side = pullbackOf(solve as (...xs: T[]) => T, args);
  await compare(
    `${what}: backward`,
    [
      { name: 'backward', run: side.run },
      { name: 'forward', run: forward },
    ],
    'at most 0.2',
    true,
  );
  side.dispose();
  const count = 10_000;
  const [A, b] = [normal(12, count, 8, 5), normal(13, count, 8)];
  const P = ct.matmul(A, A, { transposeA: true });
  const q = ct.reshape(ct.neg(ct.matmul(A, ct.expandDims(b, 2), { transposeA: true })), [count, 5]);
  const [G, h] = [ct.neg(ct.eye(5)), ct.zeros([5])];
  const few = 50;
  const each = () => {
    for (let k = 0; k < few; k++) {
      ct.scope(() => {
        const own = (x: T, shape: number[]) => ct.reshape(ct.slice(x, [k], [k + 1]), shape);
        ct.optim.quadraticProgram({ P: own(P, [5, 5]), q: own(q, [5]), G, h });
      });
    }
  };
  await compare(
    `10,000 non-negative least-squares problems of 5 unknowns, against ${few} by optim.quadraticProgram`,
    [
      { name: 'nodes', run: () => ct.scope(() => void nodes.quadraticProgram({ P, q, G, h })) },
      { name: `optim, one by one, ${few} only`, run: each },
    ],
    `at most ${(0.1 * count) / few} (a tenth of as many)`,
    true,
  );
}

async function control(): Promise<void> {
  const step = 0.05;
  const last = (x: T, i: number) =>
    ct.slice(x, [...Array(x.ndim - 1).fill(0), i], [...x.shape.slice(0, -1), i + 1]);
  const pick = (x: T, i: number) => ct.reshape(ct.slice(x, [i], [i + 1]), []);
  const horizonOf = (horizon: number) => {
    const node = nodes.optimalControl({
      horizon,
      controlSize: 1,
      dynamics: (x: T, u: T, z: T) => {
        const [angle, speed] = [last(x, 0), last(x, 1)];
        const torque = ct.sub(ct.sub(u, ct.mul(pick(z, 0), ct.sin(angle))), ct.mul(pick(z, 1), speed));
        return ct.concat([ct.add(angle, ct.mul(speed, step)), ct.add(speed, ct.mul(torque, step))], -1);
      },
      cost: (x: T, u: T) =>
        ct.mul(
          ct.add(ct.sum(ct.square(x), { axis: -1 }), ct.mul(ct.sum(ct.square(u), { axis: -1 }), 0.1)),
          step,
        ),
      finalCost: (x: T) => ct.sum(ct.square(x), { axis: -1 }),
    });
    const [theta, start] = [ct.tensor([2, 0.5]), ct.tensor([1, 0])];
    const side = pullbackOf((z: T) => node(z, start).states, [theta]);
    return { forward: () => ct.scope(() => void node(theta, start)), ...side };
  };
  const [short, long] = [1000, 10_000].map(horizonOf);
  const asked = 'at most 13 (1.3 per step)';
  const pair = (a: () => void, b: () => void) => [
    { name: 'T = 10,000', run: a },
    { name: 'T = 1,000', run: b },
  ];
  await compare('optimal control of a pendulum: forward', pair(long.forward, short.forward), asked, true);
  await compare('optimal control of a pendulum: backward', pair(long.run, short.run), asked, true);
  for (const side of [short, long]) side.dispose();
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread\n`);
console.log('| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|');
if (groups.includes('unrolled')) await unrolled();
if (groups.includes('backward')) await backward();
if (groups.includes('programs')) await programs();
if (groups.includes('control')) await control();
