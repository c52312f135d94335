// cotangent bench: any kernels at any sizes, as a table, JSON or HTML, alone or compared with an earlier run.

import { readFileSync } from 'node:fs';
import { type Change, compareWithBaseline } from '../../bench/baseline.js';
import { benchFigure } from '../../bench/bench-figure.js';
import { cases } from '../../bench/cases/index.js';
import { benchColumns, type Column } from '../../bench/columns.js';
import { number } from '../../bench/conclusion.js';
import { type Host, openHost } from '../../bench/host.js';
import { tableHtml } from '../../bench/html.js';
import { benchPlan } from '../../bench/plan.js';
import { isReport, type Report } from '../../bench/report.js';
import {
  type BenchDType,
  type Device,
  isRow,
  isUntimed,
  keyOf,
  type Outcome,
  type Row,
} from '../../bench/row.js';
import { defaultBudget, Runner, runPlan } from '../../bench/runner.js';
import { documentHtml } from '../html.js';
import { describeMachine, packageVersion, processors } from '../machine.js';
import { print, say, writeFile, writeJson } from '../output.js';
import { progressBar } from '../progress.js';
import { renderTable } from '../table.js';
import { quote, UsageError } from '../usage.js';

export interface BenchOptions {
  sizes?: number[];
  dtype?: BenchDType[];
  device?: Device[];
  threads?: number[];
  backend: 'auto' | 'webgpu' | 'webgl2';
  allowSoftware: boolean;
  budget?: number;
  json?: string;
  html?: string;
  baseline?: string;
  list?: boolean;
}

export async function bench(kernels: string[], options: BenchOptions): Promise<number> {
  if (options.list) {
    for (const kernel of cases) print(`${kernel.kernel.padEnd(17)} ${kernel.about}`);
    return 0;
  }
  const chosen = choose(kernels);
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline);
  const threads = options.threads ?? [1, ...(processors() > 1 ? [processors()] : [])];
  const gpuUseful =
    chosen.some((kernel) => kernel.devices.includes('gpu')) && !excludes(options.dtype, 'f32');
  const wantsGpu = gpuUseful && !excludes(options.device, 'gpu');
  const host = await openHost({
    threads: Math.max(...threads),
    gpu: wantsGpu,
    gpuBackend: options.backend,
    allowSoftware: options.allowSoftware,
  });
  if (wantsGpu && !host.gpu) {
    if (options.device && !options.device.includes('cpu'))
      throw new Error(`no GPU to measure on: ${host.gpuReason}`);
    say(`No GPU takes part: ${host.gpuReason}.`);
  }
  if (host.threadsReason) say(`One thread only: ${host.threadsReason}.`);
  const plan = benchPlan({
    cases: chosen,
    sizes: options.sizes,
    dtypes: options.dtype,
    devices: (options.device ?? ['cpu', 'gpu']).filter(
      (device) => device === 'cpu' || host.gpu !== undefined,
    ),
    threads,
    threadsAsked: options.threads !== undefined,
  });
  if (plan.length === 0) throw new UsageError(`no row fits: ${chosen.map(describeLimits).join('; ')}.`);

  const outcomes = await measure(plan, host, options.budget);
  const report = toReport(outcomes, host);
  await host.close();
  const changes = baseline && compareWithBaseline(report.rows, baseline);
  await present(outcomes, report, changes, options);
  return report.untimed.some((u) => u.status === 'failed') ? 1 : 0;
}

function excludes<T>(list: readonly T[] | undefined, item: T): boolean {
  return list !== undefined && !list.includes(item);
}

function choose(kernels: string[]) {
  const unknown = kernels.find((name) => !cases.some((kernel) => kernel.kernel === name));
  if (unknown !== undefined) {
    const all = cases.map((kernel) => kernel.kernel).join(', ');
    throw new UsageError(`there is no kernel ${quote(unknown)}; there is ${all}.`);
  }
  return kernels.length > 0 ? cases.filter((kernel) => kernels.includes(kernel.kernel)) : cases;
}

function describeLimits(kernel: (typeof cases)[number]): string {
  return `${kernel.kernel} has ${kernel.dtypes.join(' and ')} on ${kernel.devices.join(' and ')} (GPU: f32 only)`;
}

function readBaseline(path: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`the baseline ${quote(path)} cannot be read: ${(error as Error).message}.`);
  }
  if (!isReport(value))
    throw new UsageError(`the baseline ${quote(path)} is no report of cotangent bench or compare.`);
  return value;
}

async function measure(plan: ReturnType<typeof benchPlan>, host: Host, budget?: number): Promise<Outcome[]> {
  const bar = progressBar();
  try {
    const limits = budget ? { seconds: budget / 6, rowSeconds: budget } : defaultBudget;
    return await runPlan(plan, new Runner(host, limits), bar);
  } finally {
    bar.stop();
  }
}

function toReport(outcomes: Outcome[], host: Host): Report {
  return {
    format: 'cotangent-bench',
    formatVersion: 1,
    cotangent: packageVersion(),
    createdAt: new Date().toISOString(),
    command: ['cotangent', ...process.argv.slice(2)].join(' '),
    machine: describeMachine(host),
    rows: outcomes.filter(isRow),
    untimed: outcomes.filter(isUntimed),
  };
}

async function present(
  outcomes: Outcome[],
  report: Report,
  changes: Change[] | undefined,
  options: BenchOptions,
) {
  const columns = changes ? [...benchColumns, ...changeColumns(changes)] : benchColumns;
  const toStdout = options.json === '-';
  const tell = toStdout ? say : print;
  if (!toStdout) print(renderTable(columns, outcomes));
  if (changes) tell(summarizeChanges(changes));
  const withChanges = changes && {
    ...report,
    changes: changes.map(({ row, ratio, verdict }) => ({ row: keyOf(row), ratio, verdict })),
  };
  if (options.json !== undefined) {
    const path = await writeJson(options.json, withChanges ?? report);
    if (path) tell(path);
  }
  if (options.html !== undefined)
    tell(writeFile(options.html, await benchHtml(outcomes, report, columns, changes)));
}

function changeColumns(changes: Change[]): Column[] {
  const of = new Map(changes.map((change) => [keyOf(change.row), change]));
  return [
    {
      title: 'against baseline',
      numeric: true,
      of(row: Row) {
        const change = of.get(keyOf(row));
        if (change?.ratio === undefined) return 'new';
        return change.verdict === 'same'
          ? `×${number(change.ratio)}`
          : `×${number(change.ratio)} ${change.verdict}`;
      },
    },
  ];
}

function summarizeChanges(changes: Change[]): string {
  const count = (verdict: Change['verdict']) => changes.filter((change) => change.verdict === verdict).length;
  return `Against the baseline: ${count('faster')} faster, ${count('slower')} slower, ${count('same')} within noise, ${count('new')} new.`;
}

async function benchHtml(
  outcomes: Outcome[],
  report: Report,
  columns: Column[],
  changes?: Change[],
): Promise<string> {
  const { drawSvg } = await import('../../bench/picture.js');
  return documentHtml({
    title: 'Kernels of cotangent',
    lead: 'Median times of Benchmark.js; every result was checked against f64 before it was timed.',
    conclusions: changes ? [summarizeChanges(changes)] : [],
    pictures: {
      light: await drawSvg(benchFigure(report.rows, 'light')),
      dark: await drawSvg(benchFigure(report.rows, 'dark')),
    },
    table: tableHtml(columns, outcomes),
    notes: [
      'Above 1, "against baseline" is faster; what lies within 5 % or within the middle half of the samples counts as noise.',
    ].filter(() => changes !== undefined),
    report,
  });
}
