// npm run bench:gpu: f32 products on the GPU, ours beside tfjs, jax-js and onnxruntime-web, in turn in one process on one adapter; every result is verified first.
//   node build/bench/gpu/main.js [--sizes 64,128,…] [--rounds 9] [--software] [--chromium] [--json FILE] [--picture FILE.svg]
// Writes a table in Markdown. With --json each row is kept as it is measured, and rows that are there are not measured again.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { installPeers } from '../peers/install.js';
import { load, version } from '../peers/others.js';
import { drawSvg } from '../picture.js';
import { openPage } from './chromium.js';
import { jaxJs, tfjs } from './contestants.js';
import { raceFigure, timeOf } from './figure.js';
import { stampPasses } from './passes.js';
import { type Field, type GpuRow, openField, race, type Spread } from './race.js';

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'string' },
    picture: { type: 'string' },
    software: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
  },
});

/** Peers look for WebGPU where browsers have it: the instance is the one that `init` opened. */
async function openNode() {
  await ct.gpu.init({ backend: 'webgpu', allowSoftware: flags.software });
  const { globals } = (await import('webgpu')) as unknown as { globals: object };
  const gpu = (globalThis as { [key: symbol]: unknown })[Symbol.for('cotangent.dawn')];
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: '' }, configurable: true });
  stampPasses();
  const field = await openField({ load, version }, [tfjs, jaxJs], flags.software);
  return { name: `Node ${process.version}`, field, race, close: () => ct.gpu.destroy() };
}

installPeers();
const host = flags.chromium ? await openPage(flags.software) : await openNode();
const { field } = host;
const sizes = (flags.sizes ?? (field.software ? '64,128,256,512,1024' : '64,128,256,512,1024,2048,4096,8192'))
  .split(',')
  .map(Number);

interface Stored {
  field: Field;
  rows: GpuRow[];
}
const key = `${field.adapter}, ${host.name}`;
const stored: Record<string, Stored> =
  flags.json && existsSync(flags.json) ? JSON.parse(readFileSync(flags.json, 'utf8')) : {};
stored[key] = { field, rows: stored[key]?.rows ?? [] };
const { rows } = stored[key];

const text = ([low, middle, high]: Spread) =>
  `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
const { peak } = field;
const by = peak.clock === 'timestamps' ? 'timestamps' : 'the clock of the host';
console.log(
  `${host.name}, ${cpus()[0]?.model.trim()}, ${field.adapter}${field.software ? ' (software)' : ''}. ` +
    `Measured peak, by ${by}: ${peak.gflops.toPrecision(3)} GFLOP/s, ${peak.gbytesPerSecond.toPrecision(3)} GB/s. Calibration: ${field.calibration}.`,
);
for (const reason of field.absent) console.log(reason);
console.log(
  '\n| n | who | kernel, ms (middle half) | on the device, ms | GFLOP/s | of the peak | with transfer, ms | time, against WGSL |',
);
console.log('|--:|---|--:|--:|--:|--:|--:|--:|');
for (const n of sizes) {
  const missing = field.names.filter((name) => !rows.some((row) => row.n === n && row.name === name));
  if (missing.length > 0) rows.push(...(await host.race(n, missing, Number(flags.rounds))));
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(stored, undefined, 2)}\n`);
  const own = rows.find((row) => row.n === n && row.name === field.names[0]);
  for (const name of field.names) {
    const row = rows.find((other) => other.n === n && other.name === name);
    if (!row || !own) continue;
    const rate = (2 * n * n * n) / timeOf(row)[1] / 1e6;
    const cells = [
      ...[n, name, text(row.kernelMs), row.deviceMs ? text(row.deviceMs) : ''],
      ...[rate.toFixed(rate < 10 ? 2 : 0), `${((100 * rate) / peak.gflops).toFixed(1)} %`],
      ...[text(row.tripMs), (timeOf(row)[1] / timeOf(own)[1]).toFixed(2)],
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
if (flags.picture) {
  const shown = rows.filter(({ n, name }) => sizes.includes(n) && field.names.includes(name));
  writeFileSync(flags.picture, await drawSvg(raceFigure(shown, field, 'light')));
}
await host.close();
process.exit(0);
