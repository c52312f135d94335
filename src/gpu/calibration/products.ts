// Tries the kernels of products on a WebGPU device: each is checked, then timed, by classes of shapes; a table of the fastest follows.

import { Pipelines } from '../pipelines.js';
import type { ProductTable } from '../product-plan.js';
import { readBuffer } from '../read-buffer.js';
import { WebGpuProducts } from '../webgpu-products.js';
import { USAGE } from '../webgpu-usage.js';
import type { ProductTile } from '../wgsl/product.js';
import { type Candidates, chosenTiles, nameOf, type SquareTimes, tilesFrom } from './candidates.js';
import { operand, smallIntegers } from './meters.js';
import type { Stopwatch, TimingOptions } from './stopwatch.js';
import type { KernelTime } from './types.js';

/** m, k, n of m x k by k x n. */
type Shape = readonly [m: number, k: number, n: number];

/** Sizes of square products, as far as one takes no longer than the limit. */
const SIZES = [64, 128, 256, 512, 1024, 2048, 4096];
const LONG: Shape = [32, 16384, 32];
const TALL = 1024;

export interface Trials extends TimingOptions {
  /** Milliseconds that the fastest product may take for a larger size to be tried. */
  readonly limitMs: number;
  onKernel?(kernel: KernelTime): void;
}

/** The table of the fastest kernels, and all that were tried. */
export async function measureProducts(
  device: GPUDevice,
  stopwatch: Stopwatch,
  candidates: Candidates,
  trials: Trials,
): Promise<{ table: ProductTable; kernels: KernelTime[] }> {
  const { table } = candidates;
  const kernels: KernelTime[] = [];
  const add = (kernel: KernelTime) => {
    kernels.push(kernel);
    trials.onKernel?.(kernel);
  };
  const only = (tile: ProductTile, workgroups = 1): ProductTable => ({
    ...{ tiles: [{ tile, blocks: 0 }], long: tile, workgroups, narrow: 1, teams: table.teams },
  });
  /** Tries tables by name at a shape: their times, but of those that are refused. */
  async function race<T>(
    group: string,
    shape: Shape,
    entries: readonly (readonly [T, string, ProductTable])[],
  ): Promise<Map<T, number>> {
    const times = new Map<T, number>();
    for (const [key, kernel, choice] of entries) {
      const result = await trial(device, stopwatch, choice, shape, trials);
      if (typeof result === 'number') times.set(key, result);
      add({
        group,
        kernel,
        shape,
        ...(typeof result === 'number' ? { ms: result } : { reason: result }),
        chosen: false,
      });
    }
    return times;
  }
  const fastest = <T>(times: Map<T, number>, fallback: T): T =>
    [...times].reduce<[T, number]>((x, y) => (y[1] < x[1] ? y : x), [fallback, Number.POSITIVE_INFINITY])[0];
  const mark = (group: string, kernel: string, n?: number) => {
    for (const [i, entry] of kernels.entries())
      if (entry.group === group && entry.kernel === kernel && (n === undefined || entry.shape[2] === n))
        kernels[i] = { ...entry, chosen: true };
  };

  const times: SquareTimes[] = [];
  for (const n of SIZES) {
    const ms = await race(
      'square',
      [n, n, n],
      candidates.tiles.map((tile) => [tile, nameOf(tile), only(tile)]),
    );
    if (ms.size > 0) times.push({ n, ms });
    if (ms.size === 0 || Math.min(...ms.values()) > trials.limitMs) break;
  }
  const chosen = chosenTiles(times);
  for (const { n, tile } of chosen) mark('square', nameOf(tile), n);
  const tiles = chosen.length > 0 ? tilesFrom(chosen) : table.tiles;

  const name = (tile: ProductTile, workgroups: number) => `${nameOf(tile)}, ${workgroups} workgroups`;
  const cut = (list: readonly (readonly [ProductTile, number])[]) =>
    race(
      'long',
      LONG,
      list.map(([tile, workgroups]) => [
        { tile, workgroups },
        name(tile, workgroups),
        only(tile, workgroups),
      ]),
    );
  const byTile = await cut(candidates.long.map((tile) => [tile, table.workgroups]));
  const best = fastest(byTile, { tile: table.long, workgroups: table.workgroups });
  const others = candidates.workgroups.filter((count) => count !== table.workgroups);
  const byCount = await cut(others.map((count) => [best.tile, count]));
  const long = fastest(new Map([...byTile, ...byCount]), best);
  mark('long', name(long.tile, long.workgroups));

  // Below the smallest extent nothing is tried.
  let narrow = candidates.narrow[0];
  for (const extent of candidates.narrow) {
    const shape: Shape = [TALL, TALL, extent];
    const byKind = await race('narrow', shape, [
      ['tile', 'a tile', { ...table, tiles, narrow: 1 }],
      ['plain', 'a thread for each element', { ...table, narrow: extent + 1 }],
    ] as const);
    const wins = fastest(byKind, 'tile');
    mark('narrow', wins === 'tile' ? 'a tile' : 'a thread for each element', extent);
    if (wins === 'plain') narrow = 2 * extent;
  }
  const byTeams = await race('vector', [TALL, TALL, 1], [
    [true, 'a workgroup for each row', { ...table, teams: true }],
    [false, 'a thread for each row', { ...table, narrow: 2, teams: false }],
  ] as const);
  const teams = fastest<boolean>(byTeams, table.teams);
  mark('vector', teams ? 'a workgroup for each row' : 'a thread for each row');
  return { table: { tiles, long: long.tile, workgroups: long.workgroups, narrow, teams }, kernels };
}

/** Milliseconds of a product by a table, or why there are none: the device refuses its kernel, or it computes wrongly. */
async function trial(
  device: GPUDevice,
  stopwatch: Stopwatch,
  table: ProductTable,
  [m, k, n]: Shape,
  options: TimingOptions,
): Promise<number | string> {
  const out = device.createBuffer({ size: 4 * m * n, usage: USAGE.storage | USAGE.copySource });
  const used = [operand(device, m * k), operand(device, k * n), out];
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  let result: number | string;
  try {
    const zero = new Float32Array(1);
    const call = { batches: 1, m, n, k, transposeA: false, transposeB: false, aBatch: zero, bBatch: zero };
    const { dispatches, spare } = new WebGpuProducts(new Pipelines(device), table).prepare(
      { buffer: used[0], pitch: k, stride: m * k },
      { buffer: used[1], pitch: n, stride: k * n },
      out,
      { ...call, alpha: 1, beta: 0 },
    );
    used.push(...spare);
    result = await stopwatch.time(dispatches, options);
    // Larger results are made by the same text.
    const wrong = m * n <= LARGEST_CHECK ? await firstWrong(device, out, [m, k, n]) : undefined;
    if (wrong) result = wrong;
  } catch (error) {
    result = (error as Error).message.split('\n', 1)[0];
  }
  for (const failure of await Promise.all([device.popErrorScope(), device.popErrorScope()]))
    if (failure) result = failure.message.split('\n', 1)[0];
  for (const buffer of used) buffer.destroy();
  return result;
}

/** Entries of results that are read back at most. */
const LARGEST_CHECK = 2 ** 20;

/** Entries that are looked at. */
const LOOKED_AT = 64;

/** An entry that is not the sum that it should be, which in whole numbers is exact; undefined where there is none. */
async function firstWrong(device: GPUDevice, out: GPUBuffer, [m, k, n]: Shape): Promise<string | undefined> {
  const got = new Float32Array(await readBuffer(device, out));
  const [a, b] = [smallIntegers(m * k), smallIntegers(k * n)];
  for (let look = 0; look < LOOKED_AT; look++) {
    // The corners first, then entries all over.
    const i = look < 2 ? 0 : look < 4 ? m - 1 : (look * 797) % m;
    const j = look % 2 === 0 ? (look < 4 ? 0 : (look * 463) % n) : look < 4 ? n - 1 : (look * 463) % n;
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j];
    if (got[i * n + j] !== sum) return `it computes entry ${i}, ${j} as ${got[i * n + j]}, not ${sum}`;
  }
  return undefined;
}
