// What a comparison shows, in plain sentences.

import { describeCrossover } from './crossover.js';
import type { Machine } from './report.js';
import type { Row, Untimed } from './row.js';
import { compareRows, type RatioCurve } from './series.js';

export function conclude(rows: readonly Row[], untimed: readonly Untimed[], machine: Machine): string[] {
  const { ratios } = compareRows(rows);
  const failed = untimed.filter((u) => u.status === 'failed');
  return [
    fastest(rows, 'cpu'),
    threads(
      ratios.find((r) => r.role === 'threads'),
      machine,
    ),
    fastest(rows, 'gpu'),
    ...ratios.filter((r) => r.role !== 'threads').map(crossing),
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
  const own = rows.filter((row) => row.device === device && row.gflops > 0);
  if (own.length === 0) return undefined;
  const best = own.reduce((p, q) => (q.gflops > p.gflops ? q : p));
  const place =
    device === 'gpu'
      ? `The GPU (${best.backend}, ${best.adapter})`
      : `The CPU (${best.backend}, ${best.threads} ${best.threads === 1 ? 'thread' : 'threads'})`;
  const transfer = own.reduce((most, row) => Math.max(most, row.gflopsWithTransfer ?? 0), 0);
  const included = transfer > 0 ? `, ${number(transfer)} GFLOP/s at most with transfer` : '';
  return `${place} reaches ${number(best.gflops)} GFLOP/s, at n = ${best.size}${included}.`;
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
