// The page of `cotangent serve`: runs the comparison in this browser and shows the report's picture and table.

import { comparisonColumns } from '../../bench/columns.js';
import { conclude } from '../../bench/conclusion.js';
import { comparisonFigure } from '../../bench/figure.js';
import { type Host, openHost } from '../../bench/host.js';
import { factsHtml, tableHtml } from '../../bench/html.js';
import { comparisonPlan, comparisonSizes } from '../../bench/plan.js';
import { machineFacts, type Report } from '../../bench/report.js';
import { isRow, isUntimed, type Outcome } from '../../bench/row.js';
import { defaultBudget, describeSetting, Runner, runPlan } from '../../bench/runner.js';
import { compareRows } from '../../bench/series.js';
import { type Choices, choicesFrom } from './choices.js';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const dark = matchMedia('(prefers-color-scheme: dark)');

let stopping = new AbortController();
let outcomes: Outcome[] = [];
let peak: Host['peak'];
/** Memory becomes shared with the first call of `init` or never, so the first run fixes the number of threads. */
let threads: number | undefined;

async function run(choices: Choices): Promise<void> {
  stopping = new AbortController();
  outcomes = [];
  setRunning(true);
  say('Measuring what this machine reaches at most …');
  threads ??= choices.threads ?? Math.min(64, navigator.hardwareConcurrency || 1);
  const host = await openHost({
    threads,
    gpu: choices.backend !== 'none',
    gpuBackend: choices.backend === 'none' ? 'auto' : choices.backend,
    allowSoftware: choices.software,
    peak: true,
  });
  ({ peak } = host);
  const progress = element<HTMLProgressElement>('progress');
  await runPlan(
    comparisonPlan(choices.sizes ?? comparisonSizes, host.threads, host.gpu),
    new Runner(
      host,
      choices.budget ? { seconds: choices.budget / 6, rowSeconds: choices.budget } : defaultBudget,
    ),
    {
      signal: stopping.signal,
      onStart(setting, index, total) {
        progress.max = total;
        progress.value = index;
        say(`${index + 1} of ${total}: ${describeSetting(setting)}`);
      },
      onOutcome(outcome) {
        outcomes.push(outcome);
        showTable();
      },
    },
  );
  await host.close();
  const report = await describe(host, choices);
  await showReport(report);
  say(stopping.signal.aborted ? 'Stopped.' : 'Done.');
  document.body.dataset.done = 'true';
}

async function describe(host: Host, choices: Choices): Promise<Report & { conclusions: string[] }> {
  const rows = outcomes.filter(isRow);
  const untimed = outcomes.filter(isUntimed);
  const { variant, threadsReason, gpu, gpuReason } = host;
  const machine = {
    runtime: navigator.userAgent,
    cpu: 'this browser does not name it',
    logicalCpus: navigator.hardwareConcurrency,
    os: navigator.platform,
    variant,
    threads: host.threads,
    ...(threadsReason && { threadsReason }),
    ...(gpu && { gpu }),
    ...(gpuReason && { gpuReason }),
  };
  return {
    format: 'cotangent-bench',
    formatVersion: 1,
    cotangent: choices.cotangent,
    createdAt: new Date().toISOString(),
    command: 'cotangent serve',
    machine,
    ...(host.peak && { peak: host.peak }),
    conclusions: conclude(rows, untimed, machine, host.peak),
    rows,
    untimed,
  };
}

async function showReport(report: Report & { conclusions: string[] }): Promise<void> {
  const list = report.conclusions.map((sentence) => {
    const item = document.createElement('li');
    item.textContent = sentence;
    return item;
  });
  element('conclusions').replaceChildren(...list);
  element('machine').innerHTML = factsHtml(machineFacts(report.machine));
  const file = new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' });
  const link = element<HTMLAnchorElement>('download');
  if (link.href.startsWith('blob:')) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(file);
  link.hidden = false;
  await showPicture();
}

async function showPicture(): Promise<void> {
  const comparison = compareRows(outcomes.filter(isRow), peak);
  if (comparison.curves.length === 0) return;
  const { drawSvg } = await import('../../bench/picture.js');
  element('picture').innerHTML = await drawSvg(comparisonFigure(comparison, dark.matches ? 'dark' : 'light'));
}

function showTable(): void {
  element('results').hidden = false;
  element('table').innerHTML = tableHtml(comparisonColumns, outcomes);
}

function setRunning(running: boolean): void {
  element<HTMLButtonElement>('run').disabled = running;
  element('stop').hidden = !running;
  element('progress').hidden = !running;
}

function say(text: string): void {
  element('status').textContent = text;
}

async function start(): Promise<void> {
  const choices = await choicesFrom(new URL(location.href));
  const backend = element<HTMLSelectElement>('backend');
  const software = element<HTMLInputElement>('software');
  backend.value = choices.backend;
  software.checked = choices.software;
  const go = () =>
    run({ ...choices, backend: backend.value as Choices['backend'], software: software.checked })
      .catch((error: Error) => {
        say(`It stopped with an error: ${error.message}`);
        document.body.dataset.done = 'error';
      })
      .finally(() => setRunning(false));
  element('controls').addEventListener('submit', (event) => {
    event.preventDefault();
    void go();
  });
  element('stop').addEventListener('click', () => stopping.abort());
  dark.addEventListener('change', () => void showPicture());
  await go();
}

void start();
