// A whole run as data: the machine, the rows, and what gave no row; this is what `--json` writes.

import type { Row, Untimed } from './row.js';

export interface Machine {
  /** "Node 20.20.2", or the browser's user agent. */
  runtime: string;
  cpu: string;
  logicalCpus: number;
  memoryGiB?: number;
  os: string;
  /** Which build of the kernels ran, and on how many threads at most. */
  variant: 'simd' | 'relaxed';
  threads: number;
  /** Why there is only one thread, where more were asked for. */
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
