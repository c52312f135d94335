// npm run bench:gpu: f32 products on the GPU, ours beside tfjs and jax-js, in turn in one process on one adapter; every result is verified first.
//   node build/bench/gpu/main.js [--sizes 64,128,…] [--rounds 9] [--json FILE] [--software]
// Writes a table in Markdown. With --json each row is kept as it is measured, and rows that are there are not measured again.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { productError, productTolerance } from '../accuracy.js';
import { normals } from '../cases/operands.js';
import { sorted } from '../peers/duel.js';
import { installPeers } from '../peers/install.js';
import { quantile } from '../timing.js';
import { cotangent, type GpuContestant, jaxJs, tfjs } from './contestants.js';

/** Milliseconds of a product by one contestant: median, and the middle half. */
interface GpuRow {
  readonly n: number;
  readonly name: string;
  readonly kernelMs: readonly [low: number, middle: number, high: number];
  readonly tripMs: readonly [low: number, middle: number, high: number];
}

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'string' },
    software: { type: 'boolean', default: false },
  },
});

const info = await ct.gpu.init({ backend: 'webgpu', allowSoftware: flags.software });
// Peers look for WebGPU where browsers have it: the instance is the one that `init` opened.
const { globals } = (await import('webgpu')) as unknown as { globals: object };
const gpu = (globalThis as { [key: symbol]: unknown })[Symbol.for('cotangent.dawn')];
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: '' }, configurable: true });
installPeers();

const sizes = (flags.sizes ?? (info.software ? '64,128,256,512,1024' : '64,128,256,512,1024,2048,4096,8192'))
  .split(',')
  .map(Number);
const key = `${info.adapter}, Node ${process.version}`;
const stored: Record<string, GpuRow[]> =
  flags.json && existsSync(flags.json) ? JSON.parse(readFileSync(flags.json, 'utf8')) : {};
stored[key] ??= [];
const rows = stored[key];

const contestants: GpuContestant[] = [cotangent('auto'), cotangent('portable')];
for (const peer of [tfjs, jaxJs]) {
  try {
    contestants.push(await peer());
  } catch (error) {
    console.log(`${peer.name} does not start here: ${(error as Error).message.split('\n')[0]}\n`);
  }
}

const spread = (times: number[]): [number, number, number] => {
  const list = sorted(times);
  return [quantile(list, 0.25), quantile(list, 0.5), quantile(list, 0.75)];
};

async function measure(n: number): Promise<void> {
  const missing = contestants.filter(({ name }) => !rows.some((row) => row.n === n && row.name === name));
  if (missing.length === 0) return;
  const [a, b] = [normals(n * n, 'f32', 1), normals(n * n, 'f32', 2)] as [Float32Array, Float32Array];
  const entries = await Promise.all(missing.map((contestant) => contestant.enter(n, a, b)));
  const times = entries.map(() => ({ kernel: [] as number[], trip: [] as number[] }));
  for (const [i, entry] of entries.entries()) {
    const c = Float32Array.from(await entry.trip());
    const error = productError({ m: n, n, k: n, a, b, c });
    if (!(error <= productTolerance(n, 'f32')))
      throw new Error(`${missing[i].name}: a wrong product at n = ${n}, error ${error}`);
    await entry.kernel();
  }
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [i, entry] of entries.entries()) {
      for (const what of ['kernel', 'trip'] as const) {
        const start = performance.now();
        await entry[what]();
        times[i][what].push(performance.now() - start);
      }
    }
  for (const [i, entry] of entries.entries()) {
    entry.dispose();
    rows.push({ n, name: missing[i].name, kernelMs: spread(times[i].kernel), tripMs: spread(times[i].trip) });
  }
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(stored, undefined, 2)}\n`);
}

const text = ([low, middle, high]: readonly number[]) =>
  `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

console.log(
  `Node ${process.version}, ${cpus()[0]?.model.trim()}, ${info.adapter}${info.software ? ' (software)' : ''}\n`,
);
console.log('| n | who | kernel, ms (middle half) | GFLOP/s | with transfer, ms | kernel, against WGSL |');
console.log('|--:|---|--:|--:|--:|--:|');
for (const n of sizes) {
  await measure(n);
  const own = rows.find((row) => row.n === n && row.name === contestants[0].name);
  for (const { name } of contestants) {
    const row = rows.find((other) => other.n === n && other.name === name);
    if (!row || !own) continue;
    const rate = (2 * n * n * n) / row.kernelMs[1] / 1e6;
    const ratio = row.kernelMs[1] / own.kernelMs[1];
    console.log(
      `| ${n} | ${name} | ${text(row.kernelMs)} | ${rate.toFixed(rate < 10 ? 2 : 0)} | ${text(row.tripMs)} | ${ratio.toFixed(2)} |`,
    );
  }
}
await ct.gpu.destroy();
process.exit(0);
