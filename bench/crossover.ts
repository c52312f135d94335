// The size from which one device is at least as fast as another, interpolated between the sizes measured.

/** `ratio` is how many times as fast the contender is: 1 is a tie. */
export interface RatioPoint {
  n: number;
  ratio: number;
}

export type Crossover =
  /** Ahead at every size measured. */
  | { kind: 'always'; from: number; upTo: number }
  /** Behind first, ahead from `n` (interpolated) to the largest size. */
  | { kind: 'at'; n: number; upTo: number }
  /** Ahead only from `n` to `end` (both interpolated, or the smallest size), behind again at the largest. */
  | { kind: 'between'; n: number; end: number; upTo: number }
  /** Behind at every size measured. */
  | { kind: 'none'; from: number; upTo: number };

/** Undefined if nothing was measured. Considers the last range of sizes at which the contender is ahead. */
export function crossover(points: readonly RatioPoint[]): Crossover | undefined {
  const sorted = [...points].sort((p, q) => p.n - q.n);
  if (sorted.length === 0) return undefined;
  const from = sorted[0].n;
  const upTo = sorted[sorted.length - 1].n;
  const ahead = sorted.map((p) => p.ratio >= 1);
  const last = ahead.lastIndexOf(true);
  if (last < 0) return { kind: 'none', from, upTo };
  let first = last;
  while (first > 0 && ahead[first - 1]) first--;
  const n = first === 0 ? from : tieBetween(sorted[first - 1], sorted[first]);
  if (last < sorted.length - 1)
    return { kind: 'between', n, end: tieBetween(sorted[last], sorted[last + 1]), upTo };
  return first === 0 ? { kind: 'always', from, upTo } : { kind: 'at', n, upTo };
}

/** Linear in log n and log ratio, since throughput curves are close to straight lines there. */
function tieBetween(p: RatioPoint, q: RatioPoint): number {
  const t = Math.log(p.ratio) / (Math.log(p.ratio) - Math.log(q.ratio));
  return Math.round(p.n * (q.n / p.n) ** t);
}

/** "from n ≈ 310", "none up to 2048". */
export function describeCrossover(c: Crossover): string {
  switch (c.kind) {
    case 'always':
      return `ahead at every size from ${c.from} to ${c.upTo}`;
    case 'at':
      return `from n ≈ ${c.n}`;
    case 'between':
      return `only from n ≈ ${c.n} to ${c.end}`;
    case 'none':
      return `none up to ${c.upTo}`;
  }
}
