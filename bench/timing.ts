// Times one function with Benchmark.js and reduces its samples to median, minimum and quartiles.

import type Benchmark from 'benchmark';
import { BenchmarkJs } from './benchmark.js';

export interface Timing {
  samples: number;
  medianMs: number;
  minMs: number;
  lowMs: number;
  highMs: number;
}

export interface TimingOptions {
  /** The function returns a promise, and a call ends when it settles. */
  deferred?: boolean;
  /** Sampling goes on until this much time has passed … */
  seconds?: number;
  /** … and at least this many samples were taken. */
  minSamples?: number;
}

/** Value at a quantile of sorted numbers, linear between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export function summarize(samplesMs: readonly number[]): Timing {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  return {
    samples: sorted.length,
    medianMs: quantile(sorted, 0.5),
    minMs: sorted[0],
    lowMs: quantile(sorted, 0.25),
    highMs: quantile(sorted, 0.75),
  };
}

export async function time(run: () => unknown, options: TimingOptions = {}): Promise<Timing> {
  const { deferred = false, seconds = 1, minSamples = 5 } = options;
  const samples = await new Promise<number[]>((resolve, reject) => {
    let failure: unknown;
    const fn = deferred
      ? (handle: Benchmark.Deferred) => {
          // Benchmark.js never notices a rejected promise, so a failure must stop the clock itself.
          Promise.resolve(run()).then(
            () => handle.resolve(),
            (error) => {
              failure = error;
              bench.abort();
              handle.resolve();
            },
          );
        }
      : run;
    const bench = new BenchmarkJs({
      fn: fn as () => void,
      defer: deferred,
      async: true,
      maxTime: seconds,
      // Benchmark.js would take a twentieth of a second for each sample, however little time there is.
      minTime: Math.min(0.05, seconds / minSamples),
      minSamples,
      onComplete: () => {
        const error = failure ?? (bench as { error?: unknown }).error;
        if (error) reject(error);
        else resolve(bench.stats.sample.map((s) => s * 1000));
      },
    });
    bench.run({ async: true });
  });
  if (samples.length === 0) throw new Error('time: Benchmark.js took no sample');
  return summarize(samples);
}
