// npm run bench:givens: the search for rotations against the authors' way in numpy, and their application against the dense product and
// linalg.applyGivens; one process, alternating. numpy: python3-numpy; PYTHON names another interpreter.
//   node build/bench/givens/main.js [--only search,memory,apply,crossover,threads] [--sizes 256,512,1024] [--seconds 2]
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { comparing } from '../peers/compare.js';
import { alternate, type DuelOptions, sorted } from '../peers/duel.js';
import { quantile } from '../timing.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'search,memory,apply,crossover,threads' },
    sizes: { type: 'string', default: '256,512,1024' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const sizes = flags.sizes.split(',').map(Number);
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 5 };
const compare = comparing(options);
const { givens, linalg } = ct;

/** d log₂ d factors, as many as were planted. */
const plantedFactors = (d: number) => Math.round(d * Math.log2(d));
const plantedMatrix = (d: number) => givens.planted(ct.random(d), d, plantedFactors(d)).matrix;

/** Microseconds that a factor takes behind the first evaluation of all pairs, and milliseconds of that. */
function searchTimes(U: ct.Tensor, factors: number): { each: number; start: number; evaluated: number } {
  let first = 0;
  const begin = performance.now();
  const f = givens.factorize(U, {
    ...{ factors, errorPeriod: 0 },
    onProgress: ({ factors: n }) => {
      if (n === 1) first = performance.now();
    },
  });
  const end = performance.now();
  const evaluated = (f.pairs?.evaluated ?? 0) / f.angles.size;
  f.dispose();
  return { each: (1e3 * (end - first)) / (factors - 1), start: first - begin, evaluated };
}

/** Seconds of a factor the authors' way; undefined without numpy. */
function authors(): Record<string, number> | undefined {
  const script = fileURLToPath(new URL('../../../bench/givens/authors.py', import.meta.url));
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  try {
    const args = [script, ...sizes.map(String)];
    return JSON.parse(execFileSync(process.env.PYTHON ?? 'python3', args, { encoding: 'utf8', env }));
  } catch {
    return undefined;
  }
}

function search(): void {
  const cost: number[] = [];
  console.log(
    '| l1, one thread | first evaluation, ms | a factor, us | evaluated pairs a factor | authors in numpy, s a factor | ratio | asked |',
  );
  console.log('|---|--:|--:|--:|--:|--:|---|');
  const theirs = authors();
  for (const d of sizes) {
    const U = plantedMatrix(d);
    const factors = Math.min(plantedFactors(d), 1000);
    searchTimes(U, 50);
    const rounds = Array.from({ length: 3 }, () => searchTimes(U, factors));
    U.dispose();
    const middle = (key: 'each' | 'start' | 'evaluated') =>
      quantile(sorted(rounds.map((round) => round[key])), 0.5);
    cost.push(middle('each'));
    const own = theirs?.[d];
    const ratio = own === undefined ? 'no numpy' : `${((1e6 * own) / middle('each')).toFixed(0)}`;
    const asked = d === 256 ? 'at most 2200 us; at least 200' : 'at least 200';
    console.log(
      `| d = ${d} | ${middle('start').toFixed(0)} | ${middle('each').toFixed(0)} | ${middle('evaluated').toFixed(1)} | ${own?.toPrecision(3) ?? ''} | ${ratio} | ${asked} |`,
    );
  }
  if (sizes.length < 2) return;
  const [first, last] = [sizes[0], sizes[sizes.length - 1]];
  const exponent = Math.log(cost[cost.length - 1] / cost[0]) / Math.log(last / first);
  console.log(`\nA factor grows as d^${exponent.toFixed(2)} from ${first} to ${last} (asked at most 2.2).\n`);
}

/** The library's memory grows in steps of half its size, so that this is an upper bound; in a process of its own. */
function memory(): void {
  const d = Math.max(...sizes);
  const U = plantedMatrix(d);
  for (const method of ['l1', 'greedy'] as const) {
    givens.factorize(U, { method, factors: 5 }).dispose();
    const { heapBytes } = ct.memory();
    console.log(
      `${method}, d = ${d}: ${(heapBytes / 8 / d ** 2).toFixed(2)} d² numbers in all, U included (asked at most 6)`,
    );
  }
}

/** The product of many rotations and a signed permutation, as it is and as a matrix; and the rotations alone. */
function productOf(d: number, count: number) {
  const { i, j, angles, matrix } = givens.planted(ct.random(3), d, count);
  matrix.dispose();
  const signs = ct.tensor(Float64Array.from({ length: d }, (_, k) => (k % 3 ? 1 : -1)));
  const f = { i, j, angles, permutation: ct.random(4).permutation(d), signs };
  return { f, rotations: { i, j, angles }, matrix: givens.toDense(f) };
}

const HEADER = '| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|';

async function application(): Promise<void> {
  console.log(HEADER);
  for (const [dtype, m] of [
    ['f64', 64],
    ['f64', 1],
    ['f32', 64],
  ] as const) {
    const [d, count] = [1024, 10240];
    const { f, rotations, matrix } = productOf(d, count);
    const x = ct.random(5).normal([d, m], { dtype });
    const dense = ct.astype(matrix, dtype);
    const what = `10,240 rotations, d = 1024, ${m} column${m > 1 ? 's' : ''}, ${dtype}`;
    const ours = { name: 'givens.apply', run: () => givens.apply(f, x).dispose() };
    const others = [
      { name: 'matmul', run: () => ct.matmul(dense, x).dispose() },
      { name: 'linalg.applyGivens', run: () => linalg.applyGivens(x, rotations).dispose() },
    ];
    const [first, second] = m === 64 && dtype === 'f64' ? ['at least 10', 'at least 2'] : ['', ''];
    await compare(what, [ours, others[0]], first);
    await compare(what, [ours, others[1]], second);
  }
  console.log('');
}

/** Rotations for which the dense product takes as long. */
async function crossover(): Promise<void> {
  console.log(
    '| d | columns | dense product, us | a rotation, ns | as long as N rotations | N / d² |\n|--:|--:|--:|--:|--:|--:|',
  );
  for (const d of [128, 256, 512, 1024]) {
    for (const m of [1, 16, 64, 256]) {
      const count = 4 * d;
      const { f, matrix } = productOf(d, count);
      const x = ct.random(7).normal([d, m]);
      const times = await alternate(
        [{ run: () => givens.apply(f, x).dispose() }, { run: () => ct.matmul(matrix, x).dispose() }],
        { ...options, seconds: Math.min(1, options.seconds) },
      );
      const [ours, dense] = times.map((ms) => 1e3 * quantile(sorted(ms), 0.5));
      const N = dense / (ours / count);
      console.log(
        `| ${d} | ${m} | ${dense.toFixed(0)} | ${((1e3 * ours) / count).toFixed(1)} | ${N.toFixed(0)} | ${(N / d ** 2).toFixed(3)} |`,
      );
      for (const y of [...Object.values(f), matrix, x]) y.dispose();
    }
  }
  console.log('');
}

async function threads(): Promise<void> {
  const d = 1024;
  const { rotations: f } = productOf(d, 10240);
  const [U, widths] = [plantedMatrix(d), [64, 256, 1024]];
  const xs = widths.map((m) => ct.random(5).normal([d, m]));
  const one: number[][] = [...widths.map(() => []), []];
  const two: number[][] = [...widths.map(() => []), []];
  const run = (times: number[][]): void => {
    xs.forEach((x, at) => {
      // New workers compile for the first tenths of a second.
      const warm = performance.now() + 500;
      while (performance.now() < warm) givens.apply(f, x).dispose();
      for (let k = 0; k < 30; k++) {
        const start = performance.now();
        givens.apply(f, x).dispose();
        times[at].push(performance.now() - start);
      }
    });
    times[widths.length].push(searchTimes(U, 200).each);
  };
  for (let round = 0; round < 5; round++) {
    await ct.init({ threads: 1 });
    run(one);
    await ct.init({ threads: 2 });
    run(two);
  }
  console.log('| what | one thread | two threads | ratio | asked |\n|---|--:|--:|--:|---|');
  const names = widths.map((m) => `givens.apply, 10,240 rotations, d = 1024, ${m} columns, ms`);
  [...names, 'l1, d = 1024, a factor, us'].forEach((what, k) => {
    const [a, b] = [one[k], two[k]].map((times) => quantile(sorted(times), 0.5));
    console.log(`| ${what} | ${a.toFixed(2)} | ${b.toFixed(2)} | ${(a / b).toFixed(2)} | at least 1.7 |`);
  });
}

// Memory is measured before anything has grown it, and threads need a shared one: both in processes of their own.
const alone = groups.length === 1 ? groups[0] : undefined;
const { variant } = await ct.init(alone === 'threads' ? { threads: 2 } : {});
if (alone === undefined)
  console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}\n`);
const runs: Record<string, () => void | Promise<void>> = {
  search,
  memory,
  apply: application,
  crossover,
  threads,
};
for (const group of groups) {
  const run = runs[group];
  if (run === undefined) throw new Error(`no group ${group}: there are ${Object.keys(runs).join(', ')}`);
  if (alone !== undefined || (group !== 'memory' && group !== 'threads')) await run();
  else {
    const args = [
      fileURLToPath(import.meta.url),
      '--only',
      group,
      '--sizes',
      flags.sizes,
      '--seconds',
      flags.seconds,
    ];
    console.log(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  }
}
