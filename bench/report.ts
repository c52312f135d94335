// A whole run as data: the machine, the rows, and what gave no row; `--json` writes it.

import type { Peak } from './host.js';
import type { Row, Untimed } from './row.js';

export interface Machine {
  /** "Node 20.20.2", or the browser's user agent. */
  runtime: string;
  cpu: string;
  logicalCpus: number;
  memoryGiB?: number;
  os: string;
  /** Processes that wanted a CPU in the minute before the run, if the system reports that. */
  loadAverage?: number;
  /** Which build of the kernels ran, and on how many threads at most. */
  variant: 'simd' | 'relaxed';
  /** Whether multiply-adds of the relaxed build are fused here. */
  fused?: boolean;
  threads: number;
  /** Why there is only one thread, if more were requested. */
  threadsReason?: string;
  gpu?: { backend: string; adapter: string; software: boolean };
  /** Why no GPU was used. */
  gpuReason?: string;
}

export interface Report {
  format: 'cotangent-bench';
  formatVersion: 1;
  cotangent: string;
  createdAt: string;
  command: string;
  machine: Machine;
  /** What the machine reaches at most, where it was measured. */
  peak?: Peak;
  rows: Row[];
  untimed: Untimed[];
}

export function isReport(value: unknown): value is Report {
  const report = value as Partial<Report> | null;
  return (
    typeof report === 'object' &&
    report !== null &&
    report.format === 'cotangent-bench' &&
    report.formatVersion === 1 &&
    Array.isArray(report.rows)
  );
}

/** The machine as the report and the page list it. */
export function machineFacts(machine: Machine): [string, string][] {
  const { gpu } = machine;
  return [
    ['Runtime', machine.runtime],
    ['System', machine.os],
    ['CPU', `${machine.cpu}, ${machine.logicalCpus} logical`],
    ...(machine.memoryGiB ? ([['Memory', `${machine.memoryGiB} GiB`]] as [string, string][]) : []),
    [
      'Kernels',
      machine.variant === 'simd'
        ? 'WASM, SIMD without fused multiply-add'
        : `WASM, relaxed SIMD${machine.fused === undefined ? '' : ` with${machine.fused ? '' : 'out'} fused multiply-add`}`,
    ],
    [
      'Threads',
      machine.threadsReason ? `${machine.threads}: ${machine.threadsReason}` : String(machine.threads),
    ],
    [
      'GPU',
      gpu
        ? `${gpu.adapter}, ${gpu.backend}${gpu.software ? ', software' : ''}`
        : (machine.gpuReason ?? 'none was asked for'),
    ],
  ];
}
