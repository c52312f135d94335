// npm run bench:cones: double description against cddlib's programs, and constraint layers against projections and dense layers; one
// process, alternating. cddlib: apt install libcdd-tools; the time in which its programs start is taken off.
//   node build/bench/peers/cones.js [--only float,exact,degenerate,inference,layer] [--seconds 2]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { quantile } from '../timing.js';
import { type CddProgram, hasCdd, idleCdd, runCdd } from './cddlib.js';
import { comparing } from './compare.js';
import { CONES, type Cone } from './cone-shapes.js';
import { type DuelOptions, sorted } from './duel.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'float,exact,degenerate,inference,layer' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const seconds = Number(flags.seconds);
const options: DuelOptions = { seconds, minRounds: 3 };
const compare = comparing(options);
const { cones, nn, optim } = ct;
type T = ct.Tensor;

const median = (values: readonly number[]) => quantile(sorted(values), 0.5);

/** Milliseconds of a call, of as many calls as take 5 ms. */
function once(run: () => void): number {
  const start = performance.now();
  let count = 0;
  do {
    run();
    count++;
  } while (performance.now() - start < 5);
  return (performance.now() - start) / count;
}

/** Rounds of both sides for one cone, cddlib's less its start; undefined where cddlib gives up. */
function duel(A: number[][], program: CddProgram): { ours: number; theirs: number } | undefined {
  const exact = program === 'cddexec_gmp';
  const matrix = ct.tensor(A);
  let generators = 0;
  const run = () => {
    const found = cones.doubleDescription(matrix, { exact });
    generators = found.rays.shape[0] + found.lineality.shape[0];
    found.dispose();
  };
  // The engine compiles on the way.
  for (const end = performance.now() + 50; performance.now() < end; ) run();
  const first = runCdd(program, A);
  const ours: number[] = [];
  const theirs: number[] = [];
  const idle: number[] = [];
  const end = performance.now() + 1000 * seconds;
  // The count is that of the program that is exact, where its floats give another.
  const truth = exact || first.generators === generators ? first : runCdd('cddexec_gmp', A);
  if (generators !== truth.generators)
    throw new Error(`${generators} generators, ${truth.generators} by cddlib, exactly`);
  if (first.generators === generators)
    for (let round = 0; round < options.minRounds || performance.now() < end; round++) {
      ours.push(once(run));
      theirs.push(runCdd(program, A).ms);
      idle.push(idleCdd(program));
    }
  matrix.dispose();
  if (ours.length === 0) return undefined;
  // Its start varies by more than the smallest cones take.
  return { ours: median(ours), theirs: Math.max(0.05, median(theirs) - median(idle)) };
}

/** A row for each name, and one for all. */
function against(group: keyof typeof CONES, program: CddProgram, asked: string): void {
  if (!hasCdd(program)) {
    console.log(`| ${group}: left out, there is no ${program} (apt install libcdd-tools) |  |  |  |  | |`);
    return;
  }
  const mode = program === 'cddexec' ? 'floats' : 'exact';
  const row = (what: string, [mine, its]: [number, number], ratios: number[]) => {
    const [low, high] = [0.25, 0.75].map((q) => quantile(sorted(ratios), q).toFixed(2));
    const middle = (mine / its).toFixed(2);
    console.log(
      `| ${what}: ${mode} | ${mine.toFixed(2)} | ${program} | ${its.toFixed(2)} | ${middle} (${low} to ${high}) | ${asked} |`,
    );
  };
  const byName = new Map<string, Cone[]>();
  for (const cone of CONES[group]) byName.set(cone.name, [...(byName.get(cone.name) ?? []), cone]);
  const all: [number, number] = [0, 0];
  const every: number[] = [];
  for (const [name, list] of byName) {
    const found = list.map(({ A }) => duel(A, program)).filter((result) => result !== undefined);
    const lost = list.length - found.length;
    const what = lost === 0 ? name : `${name} (${program} fails on ${lost} of ${list.length})`;
    if (found.length === 0) {
      console.log(`| ${what}: ${mode} |  | ${program} |  |  | ${asked} |`);
      continue;
    }
    const sums = found.reduce((s, { ours, theirs }) => [s[0] + ours, s[1] + theirs], [0, 0]);
    const ratios = found.map(({ ours, theirs }) => ours / theirs);
    row(what, [sums[0] / found.length, sums[1] / found.length], ratios);
    all[0] += sums[0];
    all[1] += sums[1];
    every.push(...ratios);
  }
  row(`all ${group === 'float' || group === 'exact' ? 'random' : group} cones`, all, every);
}

/** A compiled function of these arguments, run into nothing. */
function planned(f: (...xs: never[]) => T, ...args: unknown[]): () => void {
  const plan = ct.compile(f as (...xs: unknown[]) => T);
  plan(...args);
  return () => void plan(...args);
}

const SIDE = 28;
const BATCH = 256;

/** The setting of Table 1: 784 numbers to 784 under the checkerboard of 16 tiles, batches of 256, f32. */
function table1() {
  const d = SIDE * SIDE;
  const A = cones.checkerboard(SIDE, SIDE, { tiles: [4, 4] });
  const x = ct.random(3).uniform([BATCH, d], { low: -1, high: 1, dtype: 'f32' });
  const free = nn.dense(d);
  const weights = free.init(ct.random(2), [d]);
  const layer = nn.coneConstraint(A, { box: 1 });
  const params = layer.init(ct.random(1), [d]);
  const constrained = planned((p: typeof params, x: T) => layer.apply(p, x), params, x);
  const unconstrained = planned((p: typeof weights, x: T) => free.apply(p, x), weights, x);
  return { d, A, x, free, weights, layer, constrained, unconstrained };
}

/** The polyhedron of the checkerboard within the box, which has too many vertices for a layer of generators. */
function boxed(A: T, d: number): { A: T; b: T } {
  const rows = ct.concat([A, ct.eye(d), ct.neg(ct.eye(d))]);
  return { A: rows, b: ct.concat([ct.zeros([A.shape[0]]), ct.ones([2 * d])]) };
}

async function inference(): Promise<void> {
  const { d, A, x, free, weights, constrained, unconstrained } = table1();
  const y = ct.scope(() => ct.astype(free.apply(weights, x), 'f64'));
  const [P, h] = [ct.eye(d), ct.zeros([A.shape[0]])];
  const few = 8;
  const programs = () => {
    unconstrained();
    for (let k = 0; k < few; k++)
      ct.scope(() => {
        const q = ct.neg(ct.reshape(ct.slice(y, [k, 0], [k + 1, d]), [d]));
        const method = optim.operatorSplitting();
        optim.quadraticProgram({ P, q, G: A, h }, { method, throws: false });
      });
  };
  const what = `inference of ${BATCH} images, 784 to 784, checkerboard, f32`;
  const ours = { name: 'coneConstraint', run: constrained };
  await compare(
    `${what}, against a projection each by optim.quadraticProgram, ${few} of them only`,
    [ours, { name: 'dense, then operator splitting', run: programs }],
    `at least ${((100 * few) / BATCH).toFixed(1)} (100 for all)`,
  );
  const projected = () => {
    unconstrained();
    ct.scope(() => void cones.project(A, y));
  };
  await compare(what, [ours, { name: 'dense, then cones.project', run: projected }], '');
  const box = boxed(A, d);
  const ray = nn.rayConstraint(box.A, box.b);
  const scaled = planned(
    (p: ReturnType<typeof ray.init>, x: T) => ray.apply(p, x),
    ray.init(ct.random(4), [d]),
    x,
  );
  const both = () => {
    unconstrained();
    ct.scope(() => void cones.project(box.A, y, { b: box.b }));
  };
  await compare(
    `${what}, in the box [-1, 1]`,
    [
      { name: 'rayConstraint', run: scaled },
      { name: 'dense, then cones.project', run: both },
    ],
    '',
  );
}

async function layer(): Promise<void> {
  const { d, A, x, layer, constrained, unconstrained } = table1();
  const like = (...widths: number[]) => {
    const model = nn.sequential(
      widths.flatMap((width, i) => (i === 0 ? [nn.dense(width)] : [nn.activation('relu'), nn.dense(width)])),
    );
    return planned((p: never, x: T) => model.apply(p, x), model.init(ct.random(5), [d]), x);
  };
  const generators = layer.generators.shape[0];
  const ours = { name: 'coneConstraint', run: constrained };
  await compare(
    `checkerboard, batch of ${BATCH}, f32: coneConstraint`,
    [ours, { name: `dense layers 784-${generators}-784`, run: like(generators, d) }],
    'at most 1.5',
    true,
  );
  await compare(
    `checkerboard, batch of ${BATCH}, f32: coneConstraint`,
    [ours, { name: 'one dense layer 784-784', run: unconstrained }],
    '',
    true,
  );
  const box = boxed(A, d);
  const ray = nn.rayConstraint(box.A, box.b);
  const scaled = planned(
    (p: ReturnType<typeof ray.init>, x: T) => ray.apply(p, x),
    ray.init(ct.random(4), [d]),
    x,
  );
  await compare(
    `the same in the box, ${box.A.shape[0]} rows: rayConstraint`,
    [
      { name: 'rayConstraint', run: scaled },
      { name: `dense layers 784-784-${box.A.shape[0]}`, run: like(d, box.A.shape[0]) },
    ],
    '',
    true,
  );
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread\n`);
console.log('| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|');
if (groups.includes('float')) against('float', 'cddexec', 'at most 0.5');
if (groups.includes('exact')) against('exact', 'cddexec_gmp', 'at most 0.2');
if (groups.includes('degenerate')) {
  against('degenerate', 'cddexec', 'at most 0.5');
  against('degenerate', 'cddexec_gmp', 'at most 0.2');
}
if (groups.includes('inference')) await inference();
if (groups.includes('layer')) await layer();
