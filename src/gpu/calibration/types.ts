// A calibration as data, and the checks that what comes from a file or a caller is one.

import { isPlainObject } from '../../core/kind.js';
import type { BackendName } from '../backend.js';
import type { ProductTable } from '../product-plan.js';
import type { CpuRates, ProductRate, Rates } from '../rates.js';
import { blockOf, type ProductTile } from '../wgsl/product.js';

/** The version of the package, by which calibrations are kept apart; a test compares it with package.json. */
export const VERSION = '0.1.0';

/** For what a calibration holds. */
export interface CalibrationKey {
  readonly backend: BackendName;
  readonly adapter: string;
  /** What the adapter says of itself and its driver. */
  readonly driver: string;
  /** Logical processors. */
  readonly processors: number;
  /** The version of this package. */
  readonly version: string;
}

/** A kernel that was tried at a shape. */
export interface KernelTime {
  /** The class of shapes: 'square', 'long', 'narrow' or 'vector'. */
  readonly group: string;
  readonly kernel: string;
  /** m, k, n of the product m x k by k x n. */
  readonly shape: readonly [number, number, number];
  /** Milliseconds without transfer and submission; undefined where the device refused the kernel or it computed wrongly. */
  readonly ms?: number;
  /** Why there is no time. */
  readonly reason?: string;
  /** The table takes it for this shape. */
  readonly chosen: boolean;
}

/** What was measured on one machine: the kernels of products, and the rates by which work is shared out. */
export interface Calibration {
  readonly format: 'cotangent-calibration';
  readonly formatVersion: 1;
  readonly key: CalibrationKey;
  /** When, in ISO 8601. */
  readonly date: string;
  /** How kernels were timed: by the GPU's own timestamps, or until the device said that it was done. */
  readonly clock: 'timestamps' | 'sync';
  /** The kernels of products; undefined on WebGL2, which has one, and where only rates were measured. */
  readonly table?: ProductTable;
  readonly rates: Rates;
  /** All kernels that were tried. */
  readonly kernels: readonly KernelTime[];
}

/** Bytes that the workgroups of every WebGPU device may share, and their threads. */
const SHARED_BYTES = 16384;
const MOST_THREADS = 256;

const isCount = (x: unknown, least = 1, most = 65536): x is number =>
  Number.isInteger(x) && (x as number) >= least && (x as number) <= most;
const isPositive = (x: unknown): boolean => typeof x === 'number' && x > 0 && x < Number.POSITIVE_INFINITY;
const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x);

/** Whether every WebGPU device can run a tile. */
export function isTile(value: unknown): value is ProductTile {
  if (!isPlainObject(value)) return false;
  const { threads, rows, cols, depth } = value as Partial<ProductTile>;
  if (!isList(threads) || threads.length !== 2 || !threads.every((count) => isCount(count))) return false;
  const isSmall = threads[0] * threads[1] <= MOST_THREADS;
  if (depth === 0) return isCount(rows, 1, 16) && isCount(cols, 1, 16) && isSmall;
  if (!isCount(rows, 1, 16) || !(rows <= 2 || rows % 4 === 0)) return false;
  if (!isCount(cols, 4, 16) || cols % 4 !== 0 || !isCount(depth, 4, 256) || depth % 4 !== 0) return false;
  const [high, wide] = blockOf(value as unknown as ProductTile);
  return isSmall && 4 * depth * (high + wide) <= SHARED_BYTES;
}

function isTable(value: unknown): value is ProductTable {
  if (!isPlainObject(value)) return false;
  const { tiles, long, workgroups, narrow, teams } = value as Partial<ProductTable>;
  return (
    isList(tiles) &&
    tiles.length > 0 &&
    tiles.every((entry) => isPlainObject(entry) && isTile(entry.tile) && isCount(entry.blocks, 0, 2 ** 31)) &&
    tiles[tiles.length - 1].blocks === 0 &&
    isTile(long) &&
    isCount(workgroups) &&
    isCount(narrow) &&
    typeof teams === 'boolean'
  );
}

function areProductRates(value: unknown): boolean {
  return (
    isList(value) &&
    value.length > 0 &&
    (value as ProductRate[]).every(
      (rate, i) =>
        isPlainObject(rate) &&
        isPositive(rate.flopsPerMs) &&
        isCount(rate.n) &&
        (i === 0 || rate.n > (value as ProductRate[])[i - 1].n),
    )
  );
}

function areRates(value: unknown): value is Rates {
  const { gpu, cpu } = (isPlainObject(value) ? value : {}) as Partial<Rates>;
  if (!isPlainObject(gpu) || !isPlainObject(cpu)) return false;
  const { submissionMs, dispatchMs, upload, download, products, elementwiseBytesPerMs } = gpu;
  const transfers = [upload, download];
  if (!transfers.every((t) => isPlainObject(t) && isPositive(t.latencyMs) && isPositive(t.bytesPerMs)))
    return false;
  if (![submissionMs, dispatchMs, elementwiseBytesPerMs, cpu.elementwiseBytesPerMs].every(isPositive))
    return false;
  const lists = (['f32', 'f64'] as const).flatMap((dtype) => {
    const ofType = (cpu as CpuRates)[dtype];
    return isPlainObject(ofType) ? [ofType.one, ofType.all] : [undefined];
  });
  return [products, ...lists].every(areProductRates) && isCount(cpu.threads, 1, 1024);
}

/** Why a value is no calibration that can be used; undefined if it is one. */
export function obstacleOf(value: unknown): string | undefined {
  if (!isPlainObject(value)) return 'it is no object';
  const { format, formatVersion, key, date, clock, table, rates, kernels } = value as Partial<Calibration>;
  if (format !== 'cotangent-calibration') return "its format is not 'cotangent-calibration'";
  if (formatVersion !== 1) return `its version is ${String(formatVersion)}, 1 is known`;
  if (!isPlainObject(key)) return 'it does not say for which adapter it holds';
  if (typeof date !== 'string' || (clock !== 'timestamps' && clock !== 'sync') || !isList(kernels))
    return 'date, clock or kernels are missing';
  if (table !== undefined && !isTable(table)) return 'its table of kernels is damaged';
  if (!areRates(rates)) return 'its rates are damaged';
  return undefined;
}

/** In which points a calibration is of something else; undefined if it holds here. */
export function differenceOf(key: CalibrationKey, here: CalibrationKey): string | undefined {
  const names = ['backend', 'adapter', 'driver', 'processors', 'version'] as const;
  const different = names.filter((name) => key[name] !== here[name]);
  if (different.length === 0) return undefined;
  return different.map((name) => `its ${name} is ${key[name]}, not ${here[name]}`).join('; ');
}
