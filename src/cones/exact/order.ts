// In which order rows are looked at.

/** Negative, 0 or positive, as a comes before b, is b, or comes behind it: by the first entry in which they differ. */
function compare(a: readonly bigint[], b: readonly bigint[]): number {
  for (let j = 0; j < a.length; j++) {
    if (a[j] !== b[j]) return a[j] < b[j] ? -1 : 1;
  }
  return 0;
}

/** The numbers of rows, lexicographically ascending in their entries. */
export function lexicographic(rows: readonly bigint[][], numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => compare(rows[a], rows[b]) || a - b);
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
