// cotangent compare: CPU against GPU on f32 matrix products, as a table, a picture and a report.

import { join } from 'node:path';
import { comparisonColumns } from '../../bench/columns.js';
import { conclude } from '../../bench/conclusion.js';
import { comparisonFigure } from '../../bench/figure.js';
import { openHost } from '../../bench/host.js';
import { tableHtml } from '../../bench/html.js';
import { comparisonPlan, comparisonSizes } from '../../bench/plan.js';
import type { Report } from '../../bench/report.js';
import { isRow, isUntimed, type Outcome } from '../../bench/row.js';
import { defaultBudget, Runner, runPlan } from '../../bench/runner.js';
import { type Comparison, compareRows } from '../../bench/series.js';
import { documentHtml } from '../html.js';
import { describeMachine, packageVersion, processors } from '../machine.js';
import { print, say, writeFile, writeJson } from '../output.js';
import { progressBar } from '../progress.js';
import { renderTable } from '../table.js';

export interface CompareOptions {
  sizes?: number[];
  threads?: number;
  gpu: boolean;
  backend: 'auto' | 'webgpu' | 'webgl2';
  allowSoftware: boolean;
  budget?: number;
  out: string;
  json?: string;
}

export async function compare(options: CompareOptions): Promise<number> {
  const host = await openHost({
    threads: options.threads ?? processors(),
    gpu: options.gpu,
    gpuBackend: options.backend,
    allowSoftware: options.allowSoftware,
    peak: true,
  });
  const outcomes = await measure(options, host);
  const machine = describeMachine(host);
  await host.close();

  const rows = outcomes.filter(isRow);
  const untimed = outcomes.filter(isUntimed);
  const comparison = compareRows(rows, host.peak);
  const conclusions = conclude(rows, untimed, machine, host.peak);
  const report: Report & { comparison: Comparison; conclusions: string[] } = {
    format: 'cotangent-bench',
    formatVersion: 1,
    cotangent: packageVersion(),
    createdAt: new Date().toISOString(),
    command: ['cotangent', ...process.argv.slice(2)].join(' '),
    machine,
    ...(host.peak && { peak: host.peak }),
    conclusions,
    comparison,
    rows,
    untimed,
  };
  const toStdout = options.json === '-';
  if (!toStdout) {
    print(renderTable(comparisonColumns, outcomes));
    print('');
    for (const sentence of conclusions) print(sentence);
    print('');
  }
  const html = writeFile(join(options.out, 'report.html'), await reportHtml(report, outcomes, comparison));
  const json = await writeJson(options.json ?? join(options.out, 'report.json'), report);
  (toStdout ? say : print)([html, json].filter(Boolean).join('\n'));
  return untimed.some((u) => u.status === 'failed') ? 1 : 0;
}

async function measure(
  options: CompareOptions,
  host: Awaited<ReturnType<typeof openHost>>,
): Promise<Outcome[]> {
  const plan = comparisonPlan(options.sizes ?? comparisonSizes, host.threads, host.gpu);
  const budget = options.budget ? { seconds: options.budget / 6, rowSeconds: options.budget } : defaultBudget;
  const bar = progressBar();
  try {
    return await runPlan(plan, new Runner(host, budget), bar);
  } finally {
    bar.stop();
  }
}

async function reportHtml(
  report: Report & { conclusions: string[] },
  outcomes: Outcome[],
  comparison: Comparison,
): Promise<string> {
  const { drawSvg } = await import('../../bench/picture.js');
  return documentHtml({
    title: 'Matrix multiplication: CPU against GPU',
    lead: 'Products of two n × n matrices of standard normal numbers, in f32: throughput on each device, and how many times as fast one is as the other.',
    conclusions: report.conclusions,
    pictures: {
      light: await drawSvg(comparisonFigure(comparison, 'light')),
      dark: await drawSvg(comparisonFigure(comparison, 'dark')),
    },
    table: tableHtml(comparisonColumns, outcomes),
    notes: [
      'GFLOP/s are 2n³ operations over the median time. "With transfer" includes the upload of both operands and the download of the result. The error is the largest deviation from an evaluation in f64, relative to the largest entry; above n = 256 it is taken over a selection of rows, and a product with a random vector covers the others.',
      'The peak is what multiply-adds in registers reach, with nothing read from memory: of one thread, times the threads, and of the adapter. Bands are the middle half of the samples.',
    ],
    report,
  });
}
