// Compares a run with an earlier one, row by row: how many times as fast it is, and whether that is more than noise.

import type { Report } from './report.js';
import { keyOf, type Row } from './row.js';

export type Verdict = 'faster' | 'slower' | 'same' | 'new';

export interface Change {
  row: Row;
  /** Earlier median divided by this one: above 1 is faster. Undefined for a row the earlier run did not have. */
  ratio?: number;
  verdict: Verdict;
}

/** Smaller changes count as noise whatever the samples say: medians of repeated runs differ by as much. */
const SMALLEST_CHANGE = 0.05;

export function compareWithBaseline(rows: readonly Row[], baseline: Report): Change[] {
  const earlier = new Map(baseline.rows.map((row) => [keyOf(row), row]));
  return rows.map((row) => {
    const before = earlier.get(keyOf(row));
    if (!before) return { row, verdict: 'new' };
    const ratio = before.medianMs / row.medianMs;
    return { row, ratio, verdict: judge(before, row, ratio) };
  });
}

/** Beyond noise: more than 5 %, and the middle halves of the two sets of samples do not overlap. */
function judge(before: Row, now: Row, ratio: number): Verdict {
  if (Math.abs(Math.log(ratio)) < Math.log1p(SMALLEST_CHANGE)) return 'same';
  if (now.highMs < before.lowMs) return 'faster';
  return now.lowMs > before.highMs ? 'slower' : 'same';
}
