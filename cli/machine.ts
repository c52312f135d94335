// This machine as a report describes it.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { relaxedMultiplyAddIsFused } from '#src/core/wasm/features.js';
import type { Host } from '../bench/host.js';
import type { Machine } from '../bench/report.js';

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The JavaScript engine of this process; Bun, on another, names a version of V8 as well. */
export function engineName(): string {
  const { bun, webkit, v8 } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `JavaScriptCore${webkit === undefined ? '' : ` ${webkit.slice(0, 12)}`}`;
  return v8 === undefined ? 'an unknown engine' : `V8 ${v8}`;
}

export function runtimeName(): string {
  const versions = process.versions as Record<string, string | undefined>;
  if (versions.bun) return `Bun ${versions.bun}`;
  if (versions.deno) return `Deno ${versions.deno}`;
  return `Node ${versions.node}`;
}

/** Threads that can run at once here, at most as many as the library takes. */
export function processors(): number {
  return Math.min(64, availableParallelism());
}

// Read at the start of the command: later, the benchmark itself is the load.
const loadAtStart = loadavg()[0];

export function describeMachine(host: Host): Machine {
  const { variant, threads, threadsReason, gpu, gpuReason } = host;
  return {
    runtime: runtimeName(),
    cpu: cpus()[0]?.model.trim() || process.arch,
    logicalCpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()} ${process.arch}`,
    // Exactly 0 means that the system (Windows) does not report it.
    ...(loadAtStart > 0 && { loadAverage: Number(loadAtStart.toFixed(2)) }),
    variant,
    ...(variant === 'relaxed' && { fused: relaxedMultiplyAddIsFused() }),
    threads,
    ...(threadsReason && { threadsReason }),
    ...(gpu && { gpu }),
    ...(gpuReason && { gpuReason }),
  };
}
