// cotangent calibrate: measures this machine's GPU and CPU once, and keeps what `gpu.init` and 'auto' go by.

import Table from 'cli-table3';
import { gpu, init } from 'cotangent';
import { milliseconds } from '../../bench/columns.js';
import { number } from '../../bench/conclusion.js';
import { processors } from '../machine.js';
import { print, printed, say, writeFile } from '../output.js';
import { stepBar } from '../progress.js';

export interface CalibrateOptions {
  threads?: number;
  backend: 'auto' | 'webgpu' | 'webgl2';
  allowSoftware: boolean;
  quick: boolean;
  file?: string;
  json?: string;
}

export async function calibrate(options: CalibrateOptions): Promise<number> {
  const { threadsReason } = await init({ threads: options.threads ?? processors() });
  if (threadsReason) say(`One thread only: ${threadsReason}.`);
  const { backend, allowSoftware, quick, file } = options;
  try {
    await gpu.init({ backend, allowSoftware });
  } catch (error) {
    throw new Error(
      `no GPU to measure on: ${(error as Error).message.replace(/^gpu\.init: (no GPU to use: )?/, '')}`,
    );
  }
  const bar = stepBar();
  let found: gpu.Calibration;
  try {
    found = await gpu.calibrate({ quick, ...(file !== undefined && { file }), onProgress: bar.step });
  } finally {
    bar.stop();
  }
  const { where, reason } = gpu.calibration();
  await gpu.destroy();
  await init({ threads: 1 });

  const toStdout = options.json === '-';
  if (toStdout) await printed(JSON.stringify(found, null, 2));
  else show(found);
  if (options.json !== undefined && !toStdout)
    print(writeFile(options.json, `${JSON.stringify(found, null, 2)}\n`));
  if (where === undefined) {
    say(`cotangent: ${reason}`);
    return 1;
  }
  (toStdout ? say : print)(where);
  return 0;
}

function show({ key, clock, kernels, rates }: gpu.Calibration): void {
  print(
    `${key.adapter} (${key.backend}), timed by ${clock === 'timestamps' ? 'its own timestamps' : 'the clock of this process'}\n`,
  );
  if (kernels.length > 0) {
    print(`${kernelTable(kernels)}\n`);
  }
  for (const [name, value] of rateLines(rates)) print(`${name.padEnd(34)} ${value}`);
  print('');
}

function kernelTable(kernels: readonly gpu.KernelTime[]): string {
  const table = new Table({
    head: ['product', 'kernel', 'ms', 'GFLOP/s', ''],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { kernel, shape, ms, reason, chosen } of kernels) {
    const [m, k, n] = shape;
    const key = [`${m} × ${k} × ${n}`, kernel];
    if (ms === undefined) table.push([...key, { content: `left out: ${reason}`, colSpan: 3 }]);
    else table.push([...key, milliseconds(ms), number((2 * m * k * n) / ms / 1e6), chosen ? 'taken' : '']);
  }
  return table.toString();
}

/** Rates in the units that people know; one of a million operations in a millisecond is one of GFLOP/s. */
function rateLines({ gpu: device, cpu }: gpu.Rates): [string, string][] {
  const rate = (list: readonly gpu.ProductRate[]) =>
    `${list.map(({ n, flopsPerMs }) => `${number(flopsPerMs / 1e6)} at n = ${n}`).join(', ')}`;
  const transfer = ({ latencyMs, bytesPerMs }: gpu.TransferRate) =>
    `${milliseconds(latencyMs)} ms, then ${number(bytesPerMs / 1e6)} GB/s`;
  const both = (dtype: 'f32' | 'f64'): [string, string][] => [
    [`CPU, ${dtype} products, GFLOP/s`, rate(cpu[dtype].one)],
    ...(cpu.threads > 1
      ? ([[`CPU, ${dtype}, ${cpu.threads} threads, GFLOP/s`, rate(cpu[dtype].all)]] as [string, string][])
      : []),
  ];
  return [
    ['GPU, a submission', `${milliseconds(device.submissionMs)} ms`],
    ['GPU, a dispatch among many', `${milliseconds(device.dispatchMs)} ms`],
    ['GPU, upload', transfer(device.upload)],
    ['GPU, download', transfer(device.download)],
    ['GPU, f32 products, GFLOP/s', rate(device.products)],
    ['GPU, elementwise', `${number(device.elementwiseBytesPerMs / 1e6)} GB/s`],
    ...both('f32'),
    ...both('f64'),
    ['CPU, elementwise', `${number(cpu.elementwiseBytesPerMs / 1e6)} GB/s`],
  ];
}
