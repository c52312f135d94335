// npm run bench:lapack: ours against native LAPACK (SciPy's, one thread), measured alternately within minutes, in f64.
// Needs python3 with numpy and scipy (Debian: python3-numpy, python3-scipy); PYTHON names another interpreter.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  add,
  configuration,
  eye,
  linalg,
  matmul,
  mul,
  random,
  scope,
  type Tensor,
  transpose,
} from 'cotangent';

type Work = [kernel: string, n: number, bound: [base: number, fused: number]];

/** The required ratios to LAPACK's times, in the base build and in the build with fused multiply-add. */
const WORK: Work[] = [
  ['cholesky', 1024, [1.3, 1.1]],
  ['lu', 1024, [1.9, 1.5]],
  ['qr', 1024, [1.9, 1.5]],
  ['solve', 1024, [1.9, 1.5]],
  ['eigh', 512, [1.6, 1.25]],
  ['svd', 512, [1.6, 1.3]],
];
const ROUNDS = 3;

function runs(kernel: string, n: number): () => unknown {
  const a = random(n).normal([n, n]);
  const symmetric = () => add(a, transpose(a));
  const definite = () => scope(() => add(matmul(a, a, { transposeB: true }), mul(eye(n), n)));
  const make: Record<string, () => () => unknown> = {
    cholesky: () =>
      (
        (s: Tensor) => () =>
          linalg.cholesky(s)
      )(definite()),
    lu: () => () => linalg.lu(a),
    qr: () => () => linalg.qr(a),
    eigh: () =>
      (
        (s: Tensor) => () =>
          linalg.eigh(s)
      )(symmetric()),
    svd: () => () => linalg.svd(a),
    solve: () =>
      (
        (b: Tensor) => () =>
          linalg.solve(a, b)
      )(random(1).normal([n, 100])),
  };
  return make[kernel]();
}

const median = (x: number[]) => [...x].sort((p, q) => p - q)[x.length >> 1];

function milliseconds(f: () => unknown, count = 5): number {
  const once = () => {
    const start = performance.now();
    scope(() => void f());
    return performance.now() - start;
  };
  for (let i = 0; i < 2; i++) once();
  return median(Array.from({ length: count }, once));
}

function lapack(): Record<string, number> {
  const script = fileURLToPath(new URL('../../../bench/lapack/times.py', import.meta.url));
  const sizes = JSON.stringify(WORK.map(([kernel, n]) => [kernel, n]));
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  return JSON.parse(
    execFileSync(process.env.PYTHON ?? 'python3', [script, sizes], { encoding: 'utf8', env }),
  );
}

const tasks = WORK.map(([kernel, n]) => runs(kernel, n));
const ratios: number[][] = WORK.map(() => []);
const times: [number, number][] = WORK.map(() => [0, 0]);
for (let round = 0; round < ROUNDS; round++) {
  const native = lapack();
  WORK.forEach(([kernel, n], i) => {
    const [ours, theirs] = [milliseconds(tasks[i]), native[`${kernel} ${n}`]];
    times[i] = [ours, theirs];
    ratios[i].push(ours / theirs);
  });
}
const { variant } = configuration();
console.log(
  `Node ${process.version}, build ${variant}, one thread; LAPACK of SciPy, one thread; ${ROUNDS} rounds\n`,
);
console.log('| kernel | n | ours, ms | LAPACK, ms | ratio | asked |\n|---|--:|--:|--:|--:|--:|');
WORK.forEach(([kernel, n, [base, fused]], i) => {
  const [ours, theirs] = times[i].map((t) => t.toFixed(1));
  const asked = variant === 'relaxed' ? fused : base;
  console.log(`| ${kernel} | ${n} | ${ours} | ${theirs} | ${median(ratios[i]).toFixed(2)} | ${asked} |`);
});
