// In which order rows are looked at.

/** Negative, 0 or positive, as a comes before b, is b, or comes behind it: by the first of the columns in which they differ, the larger entry first. */
function compare(a: readonly bigint[], b: readonly bigint[], columns: readonly number[]): number {
  for (const j of columns) {
    if (a[j] !== b[j]) return a[j] > b[j] ? -1 : 1;
  }
  return 0;
}

/**
 * The numbers of rows of a x <= 0, lexicographically ascending as slacks -a x; a coordinate that makes a polyhedron a cone is the last column, and that of its sides
 * comes first, as in cddlib.
 */
export function lexicographic(
  rows: readonly bigint[][],
  numbers: readonly number[],
  { dimension, isHomogenised }: { dimension: number; isHomogenised: boolean },
): number[] {
  const columns = Array.from({ length: dimension }, (_, j) => j);
  if (isHomogenised) columns.unshift(dimension - 1);
  return [...numbers].sort((a, b) => compare(rows[a], rows[b], columns) || a - b);
}

/** Of each set of equal rows the first; the others, and rows of zeros, are in `copies` with the row that they repeat (-1: zeros). */
export function distinct(rows: readonly bigint[][]): { first: number[]; copies: [number, number][] } {
  const seen = new Map<string, number>();
  const first: number[] = [];
  const copies: [number, number][] = [];
  rows.forEach((row, k) => {
    const key = row.join();
    const before = row.every((x) => x === 0n) ? -1 : seen.get(key);
    if (before !== undefined) copies.push([k, before]);
    else {
      seen.set(key, k);
      first.push(k);
    }
  });
  return { first, copies };
}
