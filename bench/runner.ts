// Verifies one kernel at one size, then times it within a budget; a wrong result is never timed.

import { type Case, elementBytes, type Task } from './case.js';
import type { Host } from './host.js';
import { type BenchDType, type Device, formatShape, type Outcome, type Row, type RowKey } from './row.js';
import { type Timing, time } from './timing.js';

/** One cell of a plan. */
export interface Setting {
  case: Case;
  n: number;
  dtype: BenchDType;
  device: Device;
  threads: number;
}

export interface Budget {
  /** Each timing samples for about this long … */
  seconds: number;
  /** … and a row may take about this long in total: what cannot be sampled in that time is skipped. */
  rowSeconds: number;
}

export const defaultBudget: Budget = { seconds: 0.6, rowSeconds: 4 };

/** Runs settings one after the other, and remembers how fast each kernel was so that hopeless sizes are not started. */
export class Runner {
  readonly #host: Host;
  readonly #budget: Budget;
  /** Milliseconds per unit of work at the latest size, by kernel, type and place. */
  readonly #pace = new Map<string, number>();

  constructor(host: Host, budget: Budget = defaultBudget) {
    this.#host = host;
    this.#budget = budget;
  }

  async measure(setting: Setting): Promise<Outcome> {
    const key = this.#key(setting);
    const where = { ...key, ...(setting.device === 'gpu' && this.#host.gpu?.software && { software: true }) };
    const obstacle = this.#obstacle(setting);
    if (obstacle) return { ...where, status: 'skipped', reason: obstacle };
    let task: Task | undefined;
    try {
      if (setting.device === 'cpu') await this.#host.useThreads(setting.threads);
      task = setting.case.setup(setting.n, setting.dtype, setting.device);
      const error = await task.error();
      const tolerance = setting.case.tolerance(setting.n, setting.dtype);
      if (!(error <= tolerance)) {
        const reason = `wrong result: error ${error.toExponential(1)} against f64, at most ${tolerance.toExponential(1)} is right`;
        return { ...where, status: 'failed', reason };
      }
      return await this.#time(setting, key, task, error);
    } catch (error) {
      return { ...where, status: 'failed', reason: (error as Error).message };
    } finally {
      task?.dispose();
    }
  }

  async #time(setting: Setting, key: RowKey, task: Task, error: number): Promise<Row> {
    const { case: kernel, n, dtype, device } = setting;
    const deferred = device === 'gpu';
    const timing = await this.#sample(task.run, deferred);
    this.#pace.set(paceKey(setting), timing.medianMs / work(setting));
    const transfer = task.runWithTransfer && (await this.#sample(task.runWithTransfer, true));
    const flops = kernel.flops(n);
    const { peak } = this.#host;
    const most = device === 'gpu' ? peak?.gpu?.gflops : peak && peak.cpu[dtype] * setting.threads;
    const gpu = device === 'gpu' ? this.#host.gpu : undefined;
    return {
      ...key,
      backend: gpu ? gpu.backend : this.#host.cpuBackend,
      ...(gpu && { adapter: gpu.adapter, software: gpu.software }),
      ...timing,
      gflops: flops / timing.medianMs / 1e6,
      ...(most && { ofPeak: flops / timing.medianMs / 1e6 / most }),
      ...(kernel.bytes && { gbytesPerSecond: kernel.bytes(n, elementBytes(dtype)) / timing.medianMs / 1e6 }),
      ...(transfer && {
        medianMsWithTransfer: transfer.medianMs,
        lowMsWithTransfer: transfer.lowMs,
        highMsWithTransfer: transfer.highMs,
        gflopsWithTransfer: flops / transfer.medianMs / 1e6,
        samplesWithTransfer: transfer.samples,
      }),
      error,
    };
  }

  async #sample(run: () => unknown, deferred: boolean): Promise<Timing> {
    const start = performance.now();
    await run();
    const probe = performance.now() - start;
    // Without `deferred`, Benchmark.js runs each sample once more beforehand, to see whether it throws.
    const runsPerSample = deferred ? 1 : 2;
    const affordable = Math.floor((this.#budget.rowSeconds * 1000) / (probe * runsPerSample));
    const minSamples = Math.max(1, Math.min(5, affordable));
    return time(run, { deferred, seconds: this.#budget.seconds, minSamples });
  }

  #obstacle(setting: Setting): string | undefined {
    const { case: kernel, dtype, device, threads } = setting;
    if (device === 'gpu' && dtype !== 'f32') return 'GPUs compute in f32 only';
    if (device === 'gpu' && !this.#host.gpu) return `no GPU: ${this.#host.gpuReason ?? 'none was asked for'}`;
    if (threads > 1 && !kernel.threaded) return `${kernel.kernel} runs on one thread`;
    if (threads > this.#host.threads) {
      return `only ${this.#host.threads} thread(s): ${this.#host.threadsReason ?? 'no more were started'}`;
    }
    const pace = this.#pace.get(paceKey(setting));
    const expected = pace === undefined ? 0 : (pace * work(setting)) / 1000;
    if (expected * 2 > this.#budget.rowSeconds) {
      return (
        `one run would take about ${expected.toPrecision(2)} s, ` +
        `too long to sample in ${this.#budget.rowSeconds} s a row (--budget)`
      );
    }
    return undefined;
  }

  #key({ case: kernel, n, dtype, device, threads }: Setting): RowKey {
    return { kernel: kernel.kernel, size: n, shape: kernel.shape(n), dtype, device, threads };
  }
}

/** The quantity that the time of a run grows with. */
function work({ case: kernel, n, dtype }: Setting): number {
  return kernel.flops(n) || kernel.bytes?.(n, elementBytes(dtype)) || n;
}

function paceKey({ case: kernel, dtype, device, threads }: Setting): string {
  return `${kernel.kernel} ${dtype} ${device} ${threads}`;
}

/** "matmul 512×512×512 f32, CPU, 2 threads", for a progress line. */
export function describeSetting({ case: kernel, n, dtype, device, threads }: Setting): string {
  const place = device === 'gpu' ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `${kernel.kernel} ${formatShape(kernel.shape(n))} ${dtype}, ${place}`;
}

export interface Progress {
  /** Called before each setting. */
  onStart?(setting: Setting, index: number, total: number): void;
  onOutcome?(outcome: Outcome): void;
  /** Stops before the next setting. */
  signal?: AbortSignal;
}

/** Measures a plan in order. */
export async function runPlan(
  plan: readonly Setting[],
  runner: Runner,
  progress: Progress = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, setting] of plan.entries()) {
    if (progress.signal?.aborted) break;
    progress.onStart?.(setting, index, plan.length);
    // Lets the progress bar, the page and Ctrl-C run.
    await new Promise((resume) => setTimeout(resume, 0));
    const outcome = await runner.measure(setting);
    outcomes.push(outcome);
    progress.onOutcome?.(outcome);
  }
  return outcomes;
}
