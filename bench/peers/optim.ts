// npm run bench:optim: L-BFGS and conjugate gradients on the averaged Rosenbrock function, against other libraries and
// memory.
//   node build/bench/peers/optim.js [--sizes 1000,100000] [--seconds 2]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { alloc, axpy_f64, dot_f64, f64, free } from 'cotangent/kernels';
import { normals, toTensor } from '../cases/operands.js';
import { quantile } from '../timing.js';
import { type DuelOptions, sorted } from './duel.js';
import { installPeers } from './install.js';
import { load, type Peer, version } from './others.js';

const { values: flags } = parseArgs({
  options: { sizes: { type: 'string', default: '1000,100000' }, seconds: { type: 'string', default: '2' } },
});
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 5 };
const HISTORY = 10;
/** The minimum is 0; this is what the weakest of the methods reaches in reasonable time. */
const TARGET = 1e-8;
/** Above this size none of them gets there in reasonable time: the valley has length n. */
const SOLVABLE = 10_000;

/** The function in operations … */
function rosenbrock(z: ct.Tensor): ct.Tensor {
  const n = z.size;
  const [head, tail] = [ct.slice(z, [0], [n - 1]), ct.slice(z, [1], [n])];
  const curved = ct.square(ct.sub(tail, ct.square(head)));
  return ct.mean(ct.add(ct.mul(curved, 100), ct.square(ct.sub(1, head))));
}

/** … and by hand, as a user of the other libraries writes it; out := ∇f. */
function byHand(z: ArrayLike<number>, out?: { [i: number]: number }): number {
  const n = z.length;
  const scale = 1 / (n - 1);
  let [sum, carry] = [0, 0];
  for (let i = 0; i < n - 1; i++) {
    const bend = z[i + 1] - z[i] * z[i];
    const rest = 1 - z[i];
    sum += 100 * bend * bend + rest * rest;
    if (out !== undefined) {
      out[i] = (carry - 400 * z[i] * bend - 2 * rest) * scale;
      carry = 200 * bend;
    }
  }
  if (out !== undefined) out[n - 1] = carry * scale;
  return sum * scale;
}

/** Ends a method that has no limit of its own. */
class Enough extends Error {}

interface Runner {
  name: string;
  /** Runs this many iterations and returns the seconds of the second half, which excludes the cost of the start. */
  run(iterations: number): number;
  /** Milliseconds from a cold start to a value of at most TARGET. */
  solve(): number;
}

function ours(
  name: string,
  n: number,
  method: ReturnType<typeof ct.optim.lbfgs>,
  start: Float64Array,
): Runner {
  const x0 = toTensor(start, [n]);
  const go = (maxIterations: number, onIteration: (at: { iteration: number; value: number }) => unknown) =>
    ct.scope(
      () =>
        ct.optim.minimize(rosenbrock, x0, method, {
          maxIterations,
          gradientTolerance: 1e-9,
          onIteration,
          throws: false,
        }).value,
    );
  return {
    name,
    run(iterations) {
      let [begun, ended] = [0, 0];
      go(2 * iterations, ({ iteration }) => {
        if (iteration === iterations) begun = performance.now();
        if (iteration === 2 * iterations) ended = performance.now();
      });
      return (ended - begun) / iterations;
    },
    solve() {
      const begun = performance.now();
      go(1e6, ({ value }) => value <= TARGET);
      return performance.now() - begun;
    },
  };
}

function optimizationJs(peer: Peer, start: Float64Array): Runner {
  const go = (iterations: number, half: number) => {
    let [count, begun] = [0, performance.now()];
    const f = (x: number[]) => {
      const value = byHand(x);
      if (value <= TARGET) throw new Enough();
      return value;
    };
    const gradient = (x: number[]) => {
      if (count === half) begun = performance.now();
      if (count++ === iterations) throw new Enough();
      const out = new Array<number>(x.length);
      byHand(x, out);
      return out;
    };
    try {
      peer.minimize_L_BFGS(f, gradient, Array.from(start));
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    }
    return performance.now() - begun;
  };
  return {
    name: `optimization-js ${version('optimization-js')}, L-BFGS (history 5, no line search)`,
    run: (iterations) => go(2 * iterations, iterations) / iterations,
    solve: () => go(1e6, 0),
  };
}

function fmin(peer: Peer, start: Float64Array): Runner {
  const go = (maxIterations: number) => {
    const f = (x: number[], out: number[]) => {
      const value = byHand(x, out);
      if (value <= TARGET) throw new Enough();
      return value;
    };
    const begun = performance.now();
    try {
      peer.conjugateGradient(f, Array.from(start), { maxIterations });
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    }
    return performance.now() - begun;
  };
  return {
    name: `fmin ${version('fmin')}, conjugate gradients`,
    run: (iterations) => (go(2 * iterations) - go(iterations)) / iterations,
    solve: () => go(1e6),
  };
}

/** Medians of milliseconds per iteration. */
async function measure(runners: Runner[], iterations: number): Promise<number[]> {
  const times: number[][] = runners.map(() => []);
  for (const end = performance.now() + 1000 * options.seconds * runners.length; ; ) {
    runners.forEach((runner, i) => {
      times[i].push(runner.run(iterations));
    });
    if (times[0].length >= options.minRounds && performance.now() > end) break;
  }
  return times.map((list) => quantile(sorted(list), 0.5));
}

async function against(n: number): Promise<void> {
  const start = normals(n, 'f64', 7) as Float64Array;
  const steps = n > 10_000 ? 40 : 200;
  const [lbfgs, short] = [HISTORY, 5].map((history) => ct.optim.lbfgs({ history }));
  // A package whose bundle ends up as a global.
  await load('fmin');
  const runners = [
    ours(`cotangent, L-BFGS (history ${HISTORY})`, n, lbfgs, start),
    ours('cotangent, L-BFGS (history 5)', n, short, start),
    ours('cotangent, conjugate gradients', n, ct.optim.nonlinearConjugateGradient(), start),
    optimizationJs(await load('optimization-js'), start),
    fmin((globalThis as Peer).fmin, start),
  ];
  const medians = await measure(runners, steps);
  runners.forEach(({ name, solve }, i) => {
    const whole = n <= SOLVABLE ? solve().toFixed(1) : '';
    const ratio = (medians[i] / medians[0]).toFixed(1);
    console.log(`| ${n} | ${name} | ${medians[i].toFixed(4)} | ${ratio} | ${whole} |`);
  });
}

/** Milliseconds per call. */
function timed(count: number, run: () => void): number {
  const begun = performance.now();
  for (let i = 0; i < count; i++) run();
  return (performance.now() - begun) / count;
}

/**
 * The overhead of an iteration besides evaluations of f and gradient, against 2 m dot products and 2 m axpys over a
 * history; alternating.
 */
function overhead(n: number): void {
  const start = normals(n, 'f64', 7) as Float64Array;
  const x = toTensor(start, [n]);
  const plan = ct.compile(ct.valueAndGrad(rosenbrock));
  const [history, vector] = [alloc(2 * HISTORY * n * 8), alloc(n * 8)];
  f64(history, 2 * HISTORY * n).fill(1e-3);
  f64(vector, n).fill(1);
  const stream = () => {
    for (let row = 0; row < 2 * HISTORY; row++) {
      const at = history + row * n * 8;
      dot_f64(n, at, 1, vector, 1);
      axpy_f64(n, 1e-9, at, 1, vector, 1);
    }
  };
  const method = ct.optim.lbfgs({ history: HISTORY });
  const runner = ours('', n, method, start);
  const steps = n > 10_000 ? 40 : 400;
  const { evaluations, iterations } = ct.optim.minimize(rosenbrock, x, method, { maxIterations: 2 * steps });
  const each = evaluations.gradient / iterations;
  const rows: number[][] = [[], [], [], [], []];
  for (const end = performance.now() + 4000 * options.seconds; performance.now() < end; ) {
    const [whole, f, memory] = [runner.run(steps), each * timed(steps, () => plan(x)), timed(steps, stream)];
    [whole, f, whole - f, memory, (whole - f) / memory].forEach((value, i) => {
      rows[i].push(value);
    });
  }
  const cells = rows.map((list, i) => quantile(sorted(list), 0.5).toFixed(i < 4 ? 4 : 2));
  console.log(`| ${n} | ${cells.join(' | ')} |`);
  free(history);
  free(vector);
  plan.dispose();
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread each\n`);
installPeers();
const sizes = flags.sizes.split(',').map(Number);
console.log(`| n | method | ms an iteration | times ours (asked: at least 5) | ms to f <= ${TARGET} |`);
console.log('|--:|---|--:|--:|--:|');
for (const n of sizes) await against(n);
console.log(
  '\n| n | ms an iteration | of these f | the rest | 2 m dots and axpys | ratio (asked: at most 2) |',
);
console.log('|--:|--:|--:|--:|--:|--:|');
for (const n of sizes) overhead(n);
