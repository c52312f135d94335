import type { Status } from './sequence.js';

/** When a search ends and what it records on the way. */
export interface SearchSettings {
  /** At most so many turns. */
  readonly factors: number;
  /** Ends below this error; 0: never. */
  readonly tolerance: number;
  /** The error is recorded after every so many turns, or with 0 at the end only. */
  readonly errorPeriod: number;
  readonly onProgress?: (progress: { factors: number; of: number }) => void;
}

/** Whether error(n) is recorded. */
export function isDue({ errorPeriod }: SearchSettings, n: number): boolean {
  return errorPeriod > 0 && n % errorPeriod === 0;
}

/** Why a search ends after n turns, if it does. */
export function endAfter(
  { factors, tolerance }: SearchSettings,
  n: number,
  error: number,
): Status | undefined {
  if (error < tolerance) return 'tolerance';
  return n >= factors ? 'factors' : undefined;
}

/** √d, by which errors are divided; 1 for the empty matrix. */
export function rootOf(d: number): number {
  return Math.sqrt(Math.max(d, 1));
}
