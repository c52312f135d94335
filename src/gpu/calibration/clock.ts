// Medians of repeated timings, for all that is measured.

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The least time that anything takes: a coarse clock may see none at all, and no rate may become infinite. */
export const LEAST_MS = 1e-6;

/** Milliseconds of `work`, the median of some rounds; one more round comes first and does not count. */
export async function medianMs(rounds: number, work: () => unknown): Promise<number> {
  await work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return Math.max(median(times), LEAST_MS);
}

/** How often work of `onceMs` is repeated so that all of it takes about `leastMs`. */
export function repeats(onceMs: number, leastMs: number, most = 1024): number {
  return Math.max(1, Math.min(most, Math.ceil(leastMs / Math.max(onceMs, leastMs / most))));
}
