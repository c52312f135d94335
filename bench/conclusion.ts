// What a comparison shows, in plain sentences.

import { describeCrossover } from './crossover.js';
import type { Peak } from './host.js';
import type { Machine } from './report.js';
import { PORTABLE, type Row, type Untimed } from './row.js';
import { compareRows, type DeviceCrossover, type RatioCurve } from './series.js';

export function conclude(
  rows: readonly Row[],
  untimed: readonly Untimed[],
  machine: Machine,
  peak?: Peak,
): string[] {
  const { ratios, crossovers } = compareRows(rows, peak);
  const failed = untimed.filter((u) => u.status === 'failed');
  return [
    fastest(rows, 'cpu'),
    threads(
      ratios.find((r) => r.role === 'threads'),
      machine,
    ),
    fastest(rows, 'gpu'),
    ...ratios.filter((r) => r.role !== 'threads').map(crossing),
    byTypeAndThreads(crossovers),
    portable(rows),
    machine.gpu?.software
      ? `The GPU here is ${machine.gpu.adapter}, which runs on the CPU: its results are right, its speed says nothing about a GPU.`
      : undefined,
    machine.gpu ? undefined : `No GPU took part: ${machine.gpuReason ?? 'none was asked for'}.`,
    accuracy(rows),
    busy(machine),
    failed.length > 0
      ? `${failed.length} ${failed.length === 1 ? 'row' : 'rows'} failed and ${failed.length === 1 ? 'has' : 'have'} no time: see the table.`
      : undefined,
  ].filter((sentence): sentence is string => sentence !== undefined);
}

function fastest(rows: readonly Row[], device: 'cpu' | 'gpu'): string | undefined {
  const own = rows.filter(
    (row) => row.device === device && row.dtype === 'f32' && row.kernel !== PORTABLE && row.gflops > 0,
  );
  if (own.length === 0) return undefined;
  const best = own.reduce((p, q) => (q.gflops > p.gflops ? q : p));
  const place =
    device === 'gpu'
      ? `The GPU (${best.backend}, ${best.adapter})`
      : `The CPU (${best.backend}, ${best.threads} ${best.threads === 1 ? 'thread' : 'threads'})`;
  const transfer = own.reduce((most, row) => Math.max(most, row.gflopsWithTransfer ?? 0), 0);
  const included = transfer > 0 ? `, ${number(transfer)} GFLOP/s at most with transfer` : '';
  const part = best.ofPeak === undefined ? '' : `, ${(100 * best.ofPeak).toFixed(0)} % of the measured peak`;
  return `${place} reaches ${number(best.gflops)} GFLOP/s, at n = ${best.size}${part}${included}.`;
}

/** Crossovers with transfer against the CPU in each dtype and on each number of threads. */
function byTypeAndThreads(crossovers: readonly DeviceCrossover[]): string | undefined {
  const shown = crossovers.filter(({ role }) => role === 'gpu with transfer');
  if (shown.length === 0) return undefined;
  const parts = shown.map(
    ({ dtype, threads, crossover }) =>
      `${dtype} on ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${describeCrossover(crossover)}`,
  );
  return `Crossover of the GPU with transfer, in f32, against the CPU in ${parts.join('; ')}.`;
}

/** Our kernel beside gpu.js's. */
function portable(rows: readonly Row[]): string | undefined {
  const ratios = rows
    .filter((row) => row.kernel === PORTABLE)
    .flatMap((row) => {
      const own = rows.find(
        (other) => other.device === 'gpu' && other.kernel !== PORTABLE && other.size === row.size,
      );
      return own ? [{ n: row.size, ratio: row.medianMs / own.medianMs }] : [];
    });
  if (ratios.length === 0) return undefined;
  const last = ratios.reduce((p, q) => (q.n > p.n ? q : p));
  return `On the GPU the WGSL kernel is ${number(last.ratio)} times as fast as gpu.js's, at n = ${last.n}.`;
}

function threads(ratio: RatioCurve | undefined, machine: Machine): string | undefined {
  if (!ratio) return machine.threadsReason ? `One thread only: ${machine.threadsReason}.` : undefined;
  const best = highest(ratio.points);
  if (best.ratio < 1.1) return `${machine.threads} threads are no faster than one at these sizes.`;
  return `${machine.threads} threads are at best ${number(best.ratio)} times as fast as one, at n = ${best.n}.`;
}

function highest(points: RatioCurve['points']) {
  return points.reduce((p, q) => (q.ratio > p.ratio ? q : p));
}

function crossing({ role, points, crossover }: RatioCurve): string {
  const what = role === 'gpu' ? 'The GPU without transfer' : 'The GPU with transfer';
  const best = highest(points);
  const extreme = `at best ${number(best.ratio)} times as fast as the CPU, at n = ${best.n}`;
  if (!crossover) return `${what}: ${extreme}.`;
  if (crossover.kind === 'none')
    return `${what} never catches up, crossover: ${describeCrossover(crossover)}; ${extreme}.`;
  if (crossover.kind === 'always') return `${what} is ${describeCrossover(crossover)}; ${extreme}.`;
  return `${what} is ahead ${describeCrossover(crossover)}; ${extreme}.`;
}

function busy({ loadAverage, logicalCpus }: Machine): string | undefined {
  if (loadAverage === undefined || loadAverage < 0.5 * logicalCpus) return undefined;
  return `The machine was busy when this began (load average ${loadAverage} on ${logicalCpus} CPUs): times may be too long, those of several threads most of all.`;
}

function accuracy(rows: readonly Row[]): string | undefined {
  if (rows.length === 0) return undefined;
  const worst = rows.reduce((most, row) => Math.max(most, row.error), 0);
  return `Every result was checked against f64 before it was timed; the largest error is ${worst.toExponential(1)} of the largest entry.`;
}

/** Three digits, no exponent. */
export function number(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 0.01 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}
