// The rows of a comparison arranged as curves over n: throughput per device, and ratios between devices.

import { type Crossover, crossover, type RatioPoint } from './crossover.js';
import type { Peak } from './host.js';
import { type BenchDType, PORTABLE, type Row } from './row.js';

export interface Curve {
  name: string;
  role: 'cpu one' | 'cpu all' | 'gpu' | 'gpu with transfer' | 'gpu portable';
  /** GFLOP/s of the median, and of the quartiles of the time. */
  points: { n: number; gflops: number; low: number; high: number }[];
}

export interface RatioCurve {
  name: string;
  role: 'threads' | 'gpu' | 'gpu with transfer';
  /** Which two curves are divided, in words. */
  meaning: string;
  points: RatioPoint[];
  crossover?: Crossover;
}

/** From which size the GPU, in f32, is ahead of the CPU in a dtype and with so many threads. */
export interface DeviceCrossover {
  role: 'gpu' | 'gpu with transfer';
  dtype: BenchDType;
  threads: number;
  crossover: Crossover;
}

export interface Comparison {
  curves: Curve[];
  ratios: RatioCurve[];
  crossovers: DeviceCrossover[];
  /** Measured peaks, as lines: the roof over the curves. */
  roofs: { name: string; role: Curve['role']; gflops: number }[];
}

export function compareRows(rows: readonly Row[], peak?: Peak): Comparison {
  const cpus = rows.filter((row) => row.device === 'cpu');
  const cpu = cpus.filter((row) => row.dtype === 'f32');
  const gpus = rows.filter((row) => row.device === 'gpu');
  const gpu = gpus.filter((row) => row.kernel !== PORTABLE);
  const portable = bySize(gpus.filter((row) => row.kernel === PORTABLE));
  const threads = cpu.reduce((most, row) => Math.max(most, row.threads), 1);
  const one = bySize(cpu.filter((row) => row.threads === 1));
  const all = threads > 1 ? bySize(cpu.filter((row) => row.threads === threads)) : new Map<number, Row>();
  const best = threads > 1 ? all : one;
  const bestName = threads > 1 ? `CPU with ${threads} threads` : 'CPU with one thread';
  const gpuName = gpu.some((row) => row.software) ? 'GPU (software)' : 'GPU';
  const gpuRows = bySize(gpu);

  const curves: Curve[] = [
    { name: 'CPU, 1 thread', role: 'cpu one', points: throughput(one) },
    { name: `CPU, ${threads} threads`, role: 'cpu all', points: throughput(all) },
    { name: gpuName, role: 'gpu', points: throughput(gpuRows) },
    {
      name: `${gpuName} with transfer`,
      role: 'gpu with transfer',
      points: throughput(gpuRows, ({ medianMsWithTransfer: ms, lowMsWithTransfer, highMsWithTransfer }) =>
        ms === undefined ? undefined : [lowMsWithTransfer ?? ms, ms, highMsWithTransfer ?? ms],
      ),
    },
    { name: `${gpuName} by gpu.js`, role: 'gpu portable', points: throughput(portable) },
  ];
  const ratios: RatioCurve[] = [
    {
      name: `${threads} threads against 1`,
      role: 'threads',
      meaning: `time with one thread divided by time with ${threads}`,
      points: quotient(one, all),
    },
    {
      name: `${gpuName} against CPU`,
      role: 'gpu',
      meaning: `time on the ${bestName} divided by time on the GPU, operands and result staying there`,
      points: quotient(best, gpuRows),
    },
    {
      name: `${gpuName} with transfer against CPU`,
      role: 'gpu with transfer',
      meaning: `time on the ${bestName} divided by time on the GPU, upload and download included`,
      points: quotient(best, gpuRows, (row) => row.medianMsWithTransfer),
    },
  ];
  const crossovers = (['f32', 'f64'] as const).flatMap((dtype) =>
    [...new Set([1, threads])].flatMap((count) => {
      const base = bySize(cpus.filter((row) => row.dtype === dtype && row.threads === count));
      const against = (role: DeviceCrossover['role'], of?: (row: Row) => number | undefined) => {
        const found = crossover(quotient(base, gpuRows, of));
        return found ? [{ role, dtype, threads: count, crossover: found }] : [];
      };
      return [...against('gpu'), ...against('gpu with transfer', (row) => row.medianMsWithTransfer)];
    }),
  );
  const roofs: Comparison['roofs'] = [
    ...(peak ? [{ name: 'peak of one thread', role: 'cpu one' as const, gflops: peak.cpu.f32 }] : []),
    ...(peak?.gpu ? [{ name: `peak of the ${gpuName}`, role: 'gpu' as const, gflops: peak.gpu.gflops }] : []),
  ];
  return {
    crossovers,
    roofs,
    curves: curves.filter((curve) => curve.points.length > 0),
    ratios: ratios
      .filter((curve) => curve.points.length > 0)
      .map((curve) => ({ ...curve, crossover: crossover(curve.points) })),
  };
}

function bySize(rows: readonly Row[]): Map<number, Row> {
  return new Map([...rows].sort((p, q) => p.size - q.size).map((row) => [row.size, row]));
}

function throughput(
  rows: Map<number, Row>,
  of: (row: Row) => readonly [low: number, middle: number, high: number] | undefined = (row) => [
    row.lowMs,
    row.medianMs,
    row.highMs,
  ],
): Curve['points'] {
  return [...rows].flatMap(([n, row]) => {
    const times = of(row);
    if (!times) return [];
    // A row has its rate by its median time, and rates by other times follow.
    const [low, gflops, high] = [times[2], times[1], times[0]].map((ms) => (row.gflops * row.medianMs) / ms);
    return [{ n, gflops, low, high }];
  });
}

function quotient(
  slow: Map<number, Row>,
  fast: Map<number, Row>,
  of: (row: Row) => number | undefined = (row) => row.medianMs,
): RatioPoint[] {
  return [...fast].flatMap(([n, row]) => {
    const base = slow.get(n)?.medianMs;
    const ms = of(row);
    return base === undefined || ms === undefined ? [] : [{ n, ratio: base / ms }];
  });
}
