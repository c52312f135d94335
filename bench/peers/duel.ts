// Two contestants measured alternately, in one process: batches of equal length, and the medians of many rounds.

import { type Numbers, productError, productTolerance } from '../accuracy.js';
import { normals } from '../cases/operands.js';
import type { BenchDType } from '../row.js';
import { quantile } from '../timing.js';
import type { Contestant, Entry } from './contestant.js';

export interface DuelOptions {
  /** Rounds go on for about this long. */
  seconds: number;
  minRounds: number;
}

export interface Side {
  name: string;
  version: string;
  n: number;
  medianMs: number;
  gflops: number;
}

export interface DuelResult {
  group: string;
  dtype: BenchDType;
  ours: Side;
  theirs: Side;
  rounds: number;
  /** Our rate divided by theirs, from the medians … */
  ratio: number;
  /** … and the middle half of the ratios of single rounds. */
  ratioLow: number;
  ratioHigh: number;
}

export interface Corner {
  contestant: Contestant;
  n: number;
}

/** A batch lasts at least this long, so that the clock's resolution does not count. */
const BATCH_MS = 5;

export async function duel(
  group: string,
  dtype: BenchDType,
  ours: Corner,
  theirs: Corner,
  options: DuelOptions,
): Promise<DuelResult> {
  const corners = [ours, theirs];
  const entries: Entry[] = [];
  try {
    for (const corner of corners) entries.push(enterChecked(corner, dtype));
    const times = await alternate(entries, options);
    const sides = corners.map(({ contestant, n }, i): Side => {
      const medianMs = quantile(sorted(times[i]), 0.5);
      const { name, version } = contestant;
      return { name, version, n, medianMs, gflops: (2 * n ** 3) / medianMs / 1e6 };
    });
    const work = (theirs.n / ours.n) ** 3;
    const ratios = sorted(times[0].map((ms, round) => times[1][round] / ms / work));
    return {
      group,
      dtype,
      ours: sides[0],
      theirs: sides[1],
      rounds: times[0].length,
      ratio: sides[0].gflops / sides[1].gflops,
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
    };
  } finally {
    for (const entry of entries) entry.dispose();
  }
}

/** Milliseconds per call of two entries, round by round, after a warm-up. */
export async function alternate(
  entries: readonly Pick<Entry, 'run' | 'before'>[],
  options: DuelOptions,
): Promise<number[][]> {
  const counts: number[] = [];
  for (const entry of entries) counts.push(await calibrate(entry));
  return rounds(entries, counts, options);
}

function enterChecked({ contestant, n }: Corner, dtype: BenchDType): Entry {
  const a = normals(n * n, dtype, 1);
  const b = normals(n * n, dtype, 2);
  const entry = contestant.enter(n, dtype, a, b);
  const c = Float64Array.from(entry.result()) as Numbers;
  const error = productError({ m: n, n, k: n, a, b, c });
  if (error <= productTolerance(n, dtype)) return entry;
  entry.dispose();
  throw new Error(
    `${contestant.name} ${contestant.version}: wrong ${dtype} product at n = ${n}, error ${error}`,
  );
}

/** Calls per batch; also warms up, since engines compile on the way. */
async function calibrate(entry: Pick<Entry, 'run' | 'before'>): Promise<number> {
  await entry.before?.();
  for (let count = 1; ; count *= 2) {
    const ms = batch(entry, count) * count;
    if (ms >= BATCH_MS) return count;
  }
}

/** Milliseconds per call. */
function batch(entry: Pick<Entry, 'run'>, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) entry.run();
  return (performance.now() - start) / count;
}

async function rounds(
  entries: readonly Pick<Entry, 'run' | 'before'>[],
  counts: number[],
  options: DuelOptions,
): Promise<number[][]> {
  const times: number[][] = [[], []];
  const end = performance.now() + options.seconds * 1000;
  for (let round = 0; round < options.minRounds || performance.now() < end; round++) {
    // The first side alternates, so that neither always finds the caches as the other left them.
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      await entries[i].before?.();
      times[i].push(batch(entries[i], counts[i]));
    }
  }
  return times;
}

export function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
