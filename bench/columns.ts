// The columns in which rows are shown, the same on the terminal, in the report and in the page.

import { formatShape, type Outcome, placeOf, type Row, type Untimed } from './row.js';

export interface Column {
  title: string;
  numeric: boolean;
  of(row: Row): string;
}

export const comparisonColumns: Column[] = [
  { title: 'n', numeric: true, of: (row) => String(row.size) },
  { title: 'where', numeric: false, of: placeOf },
  { title: 'backend', numeric: false, of: (row) => row.backend },
  { title: 'dtype', numeric: false, of: (row) => row.dtype },
  { title: 'median ms', numeric: true, of: (row) => milliseconds(row.medianMs) },
  { title: 'GFLOP/s', numeric: true, of: (row) => digits(row.gflops) },
  { title: 'of peak', numeric: true, of: (row) => optional(row.ofPeak, percent) },
  { title: 'with transfer', numeric: true, of: (row) => optional(row.gflopsWithTransfer, digits) },
  { title: 'samples', numeric: true, of: (row) => String(row.samples) },
  { title: 'error', numeric: true, of: (row) => exponential(row.error) },
];

export const benchColumns: Column[] = [
  { title: 'kernel', numeric: false, of: (row) => row.kernel },
  { title: 'shape', numeric: true, of: (row) => formatShape(row.shape) },
  { title: 'dtype', numeric: false, of: (row) => row.dtype },
  { title: 'where', numeric: false, of: placeOf },
  { title: 'median ms', numeric: true, of: (row) => milliseconds(row.medianMs) },
  { title: 'min ms', numeric: true, of: (row) => milliseconds(row.minMs) },
  { title: 'GFLOP/s', numeric: true, of: (row) => digits(row.gflops) },
  { title: 'with transfer', numeric: true, of: (row) => optional(row.gflopsWithTransfer, digits) },
  { title: 'GB/s', numeric: true, of: (row) => optional(row.gbytesPerSecond, digits) },
  { title: 'samples', numeric: true, of: (row) => String(row.samples) },
  { title: 'error', numeric: true, of: (row) => exponential(row.error) },
];

/** Shown instead of the numbers of a row that was not timed. */
export function untimedText(untimed: Untimed): string {
  return `${untimed.status}: ${untimed.reason}`;
}

/** Cells that name a row without numbers: the columns before the first one that needs numbers. */
export function keyCells(columns: readonly Column[], untimed: Untimed): string[] {
  return columns.slice(0, keyWidth(columns)).map((column) => column.of(untimed as Outcome as Row) ?? '');
}

export function keyWidth(columns: readonly Column[]): number {
  return columns.findIndex((column) => column.title === 'where') + 1;
}

export function milliseconds(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  if (ms >= 1) return ms.toFixed(2);
  if (ms >= 0.01) return ms.toFixed(4);
  return ms.toFixed(6);
}

function digits(value: number): string {
  if (value === 0) return '';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function percent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

function exponential(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function optional(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? '' : show(value);
}
