// The rows of a comparison arranged as curves over n: throughput per device, and ratios between devices.

import { type Crossover, crossover, type RatioPoint } from './crossover.js';
import type { Row } from './row.js';

export interface Curve {
  name: string;
  role: 'cpu one' | 'cpu all' | 'gpu' | 'gpu with transfer';
  points: { n: number; gflops: number }[];
}

export interface RatioCurve {
  name: string;
  role: 'threads' | 'gpu' | 'gpu with transfer';
  /** Which two curves are divided, in words. */
  meaning: string;
  points: RatioPoint[];
  crossover?: Crossover;
}

export interface Comparison {
  curves: Curve[];
  ratios: RatioCurve[];
}

export function compareRows(rows: readonly Row[]): Comparison {
  const cpu = rows.filter((row) => row.device === 'cpu');
  const gpu = rows.filter((row) => row.device === 'gpu');
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
      points: throughput(gpuRows, (row) => row.gflopsWithTransfer),
    },
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
  return {
    curves: curves.filter((curve) => curve.points.length > 0),
    ratios: ratios
      .filter((curve) => curve.points.length > 0)
      .map((curve) => ({ ...curve, crossover: crossover(curve.points) })),
  };
}

function bySize(rows: readonly Row[]): Map<number, Row> {
  return new Map([...rows].sort((p, q) => p.size - q.size).map((row) => [row.size, row]));
}

function throughput(rows: Map<number, Row>, of: (row: Row) => number | undefined = (row) => row.gflops) {
  return [...rows].flatMap(([n, row]) => {
    const gflops = of(row);
    return gflops === undefined ? [] : [{ n, gflops }];
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
