// npm run bench:fft: transforms against the JavaScript and WASM libraries that are fastest, and by length; one process, alternating, one thread.
//   node build/bench/peers/fft.js [--only complex,real,single,batched,lengths] [--seconds 1]
// Peers: fft.js (f64, powers of two) and numpy-ts (WASM, f64); PFFFT's SIMD build (WASM, f32). numpy's pocketfft, for batches, in a process of its own.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import * as kernels from 'cotangent/kernels';
import { quantile } from '../timing.js';
import { comparing } from './compare.js';
import { alternate, type DuelOptions, sorted } from './duel.js';
import { installPeers } from './install.js';
import { load, type Peer } from './others.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'complex,real,single,batched,lengths' },
    seconds: { type: 'string', default: '1' },
  },
});
const groups = flags.only.split(',');
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 5 };
const compare = comparing(options);
const { fft } = ct;

installPeers();
const [FFT, np, pffft] = (await Promise.all(
  ['fft.js', 'numpy-ts', '@echogarden/pffft-wasm/simd'].map(load),
)) as Peer[];

const normals = (seed: number, shape: number[], dtype: 'f64' | 'f32' = 'f64') =>
  ct.random(seed).normal(shape, { dtype });
const numbers = (n: number, dtype: 'f64' | 'f32' = 'f64') => ({
  re: normals(1, [n], dtype),
  im: normals(2, [n], dtype),
});
const free = ({ re, im }: { re: ct.Tensor; im: ct.Tensor }): void => {
  re.dispose();
  im.dispose();
};
/** Our transform of z, called and as a compiled program: peers have their plan and their memory ready, too. */
function waysOf(z: ct.fft.Complex): { name: string; run: () => void }[] {
  const program = ct.compile((numbers: ct.fft.Complex) => fft.fft(numbers));
  return [
    { name: 'called', run: () => free(fft.fft(z)) },
    { name: 'compiled', run: () => free(program(z)) },
  ];
}
/** The raw kernel on memory made before, which is what PFFFT's function is. */
function kernelOf(
  n: number,
  { re, im }: ct.fft.Complex,
): { name: string; run: () => void; free: () => void } {
  const plan = kernels.alloc(kernels.fft_plan_f32_work(n, true));
  kernels.fft_plan_f32(plan, n, true);
  const work = kernels.alloc(kernels.fft_f32_work(plan, 1));
  const [yr, yi] = [kernels.alloc(4 * n), kernels.alloc(4 * n)];
  const [xr, xi] = [re.address, im.address];
  return {
    name: 'kernel',
    run: () => kernels.fft_f32(plan, 1, 1, 0, 1, xr, xi, yr, yi, 1, work),
    free: () => {
      for (const address of [plan, work, yr, yi]) kernels.free(address);
    },
  };
}
/** Entries of both libraries, which must agree before they are timed. */
function checkSame(what: string, ours: number, theirs: number, tolerance: number): void {
  if (!(Math.abs(ours - theirs) <= tolerance)) throw new Error(`${what}: ${ours}, and ${theirs} by the peer`);
}

async function complex(): Promise<void> {
  for (const power of [10, 12, 14, 16, 18, 20]) {
    const n = 2 ** power;
    const z = numbers(n);
    const plan = new FFT.default(n);
    const [from, to] = [new Float64Array(2 * n), new Float64Array(2 * n)];
    z.re.data().forEach((x, k) => {
      from[2 * k] = x;
    });
    z.im.data().forEach((x, k) => {
      from[2 * k + 1] = x;
    });
    plan.transform(to, from);
    const y = fft.fft(z);
    checkSame('fft.js', y.re.data()[(n / 3) | 0], to[2 * ((n / 3) | 0)], 1e-9 * n);
    free(y);
    // A complex array of numpy-ts comes of a transform.
    const array = np.fft.fft(np.array(Array.from(z.re.data())));
    for (const ours of waysOf(z))
      for (const other of [
        { name: 'fft.js', run: () => plan.transform(to, from) },
        { name: 'numpy-ts', run: () => np.fft.fft(array).dispose?.() },
      ])
        await compare(
          `2^${power} complex, f64, ${ours.name}`,
          [ours, other],
          'at least 2 against the faster',
        );
    free(z);
  }
}

async function real(): Promise<void> {
  const s = 256;
  const x = normals(3, [s, s]);
  const array = np.array(Array.from(x.data())).reshape([s, s]);
  const plan = new FFT.default(s);
  const m = s / 2 + 1;
  const [rows, line, column, result] = [2 * m * s, 2 * s, 2 * s, 2 * s * m].map((n) => new Float64Array(n));
  const image = Float64Array.from(x.data());
  // fft.js has one axis: rows, then columns.
  const byHand = () => {
    for (let i = 0; i < s; i++) {
      plan.realTransform(line, image.subarray(i * s, i * s + s));
      rows.set(line.subarray(0, 2 * m), 2 * m * i);
    }
    for (let j = 0; j < m; j++) {
      for (let i = 0; i < s; i++) {
        column[2 * i] = rows[2 * (m * i + j)];
        column[2 * i + 1] = rows[2 * (m * i + j) + 1];
      }
      plan.transform(line, column);
      for (let i = 0; i < s; i++) {
        result[2 * (m * i + j)] = line[2 * i];
        result[2 * (m * i + j) + 1] = line[2 * i + 1];
      }
    }
  };
  byHand();
  const y = fft.rfft2(x);
  checkSame('fft.js', y.re.data()[3 * m + 5], result[2 * (3 * m + 5)], 1e-9);
  free(y);
  const ours = { name: 'cotangent', run: () => free(fft.rfft2(x)) };
  for (const other of [
    { name: 'fft.js', run: byHand },
    { name: 'numpy-ts', run: () => np.fft.rfft2(array).dispose?.() },
  ])
    await compare('256 x 256 real, f64', [ours, other], 'at least 2 against the faster');
}

async function single(): Promise<void> {
  const module = await pffft.default();
  for (const power of [10, 16]) {
    const n = 2 ** power;
    const z = numbers(n, 'f32');
    const setup = module._pffft_new_setup(n, 1);
    const [from, to, work] = [0, 0, 0].map(() => module._pffft_aligned_malloc(8 * n));
    const run = () => module._pffft_transform_ordered(setup, from, to, work, 0);
    const memory = module.HEAPF32.subarray(from / 4, from / 4 + 2 * n);
    z.re.data().forEach((x, k) => {
      memory[2 * k] = x;
    });
    z.im.data().forEach((x, k) => {
      memory[2 * k + 1] = x;
    });
    run();
    const y = fft.fft(z);
    checkSame('PFFFT', y.re.data()[77], module.HEAPF32[to / 4 + 154], 1e-3 * Math.sqrt(n));
    free(y);
    const raw = kernelOf(n, z);
    for (const ours of [...waysOf(z), raw])
      await compare(
        `2^${power} complex, f32, ${ours.name}`,
        [ours, { name: 'PFFFT (WASM SIMD)', run }],
        'at least 1',
      );
    raw.free();
    free(z);
  }
}

/** numpy's time for the batch, in ms; undefined without numpy. */
function numpyBatch(): number | undefined {
  const script = `
import numpy as np, time
x = np.random.default_rng(0).standard_normal((16, 64, 64)).astype(np.float32)
np.fft.rfft2(x)
times = []
for _ in range(200):
    start = time.perf_counter(); np.fft.rfft2(x); times.append(time.perf_counter() - start)
print(1e3 * sorted(times)[100])`;
  try {
    return Number(execFileSync(process.env.PYTHON ?? 'python3', ['-c', script], { encoding: 'utf8' }));
  } catch {
    return undefined;
  }
}

async function batched(): Promise<void> {
  const x = normals(4, [16, 64, 64], 'f32');
  const rounds: [number, number][] = [];
  for (let round = 0; round < 5; round++) {
    const ours: number[] = [];
    for (const end = performance.now() + 300; performance.now() < end; ) {
      const start = performance.now();
      for (let k = 0; k < 5; k++) free(fft.rfft2(x));
      ours.push((performance.now() - start) / 5);
    }
    rounds.push([quantile(sorted(ours), 0.5), numpyBatch() ?? Number.NaN]);
  }
  const [mine, theirs] = [0, 1].map((k) => quantile(sorted(rounds.map((r) => r[k])), 0.5));
  console.log(
    `| 16 of 64 x 64 real, f32 | ${mine.toFixed(3)} | numpy's pocketfft | ${theirs.toFixed(3)} | ${(theirs / mine).toFixed(2)} | at least 1.3 |`,
  );
}

async function lengths(): Promise<void> {
  for (const [n, power, asked] of [
    [3 * 1024, 4096, 'at most 2'],
    [5 * 1024, 4096, 'at most 2'],
    [3 * 4096, 16384, 'at most 2'],
    [5 * 4096, 16384, 'at most 2'],
    [4099, 4096, 'at most 8'],
    [16381, 16384, 'at most 8'],
  ] as const) {
    const [odd, even] = [numbers(n), numbers(power)];
    const times = await alternate(
      [{ run: () => free(fft.fft(odd)) }, { run: () => free(fft.fft(even)) }],
      options,
    );
    const [a, b] = times.map((ms) => quantile(sorted(ms), 0.5));
    const ratio = a / (n * Math.log2(n)) / (b / (power * Math.log2(power)));
    console.log(
      `| ${n} complex, f64, time a point and level | ${a.toFixed(3)} | ${power} | ${b.toFixed(3)} | ${ratio.toFixed(2)} | ${asked} |`,
    );
    free(odd);
    free(even);
  }
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread\n`);
console.log('| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|');
const runs: Record<string, () => Promise<void>> = { complex, real, single, batched, lengths };
for (const group of groups) await runs[group]();
