// The lineality space {x : E x = 0, A x = 0} and a first simplicial cone: with independent rows B of E and A, and x = 0 in all but as
// many columns, the rays r_k with B r_k = -e_k, for the rows of B that are of A.
import { dividedBy, gcd, primitive, size } from './integers.js';

/** What the elimination gives. */
export interface Basis {
  /** Columns that stand for the space less its lineality: every point has one like it that is 0 in the others. Ascending. */
  readonly columns: number[];
  /** Independent rows of A, as given. */
  readonly rows: number[];
  /** Independent rows of E and A, which span their row space. */
  readonly spanning: bigint[][];
  /** For each of `rows` the ray, in `columns`, on which it is negative, and all others of E and the basis are 0. Primitive. */
  readonly rays: bigint[][];
  /** A basis of the lineality space. Primitive. */
  readonly lineality: bigint[][];
  /** A basis of its complement, the row space, in which each row has a column of its own. */
  readonly complement: bigint[][];
}

/** A combination of rows of B that is above 0 in its own column, and 0 in those of the others. */
interface Pivot {
  readonly column: number;
  row: bigint[];
  /** Coefficients of the rows of B. */
  factors: bigint[];
}

/** Rows are looked at in the order given, until they span everything. */
export function basisOf(
  equalities: readonly bigint[][],
  rows: readonly bigint[][],
  order: readonly number[],
  dimension: number,
): Basis {
  const pivots: Pivot[] = [];
  const spanning: bigint[][] = [];
  const add = (row: bigint[]): boolean => {
    const isIndependent = insert(row, pivots);
    if (isIndependent) spanning.push(row);
    return isIndependent;
  };
  for (const row of equalities) if (pivots.length < dimension) add(row);
  const first = pivots.length;
  const chosen: number[] = [];
  for (const row of order) {
    if (pivots.length === dimension) break;
    if (add(rows[row])) chosen.push(row);
  }
  pivots.sort((a, b) => a.column - b.column);
  const columns = pivots.map(({ column }) => column);
  const rays = chosen.map((_, k) =>
    primitive(scaled(pivots, ({ factors }) => factors[first + k] ?? 0n).vector),
  );
  const complement = pivots.map(({ row }) => row);
  return { columns, rows: chosen, spanning, rays, lineality: linealityOf(pivots, dimension), complement };
}

/**
 * Makes a row that is independent of the pivots one of them. Where all have the same entry p in their columns, which is then a minor of the rows, as are all
 * other entries, the new ones are p' times the old ones less multiples of the row, divided by p (Bareiss, Sylvester's identity and multistep integer-preserving
 * Gaussian elimination, 1968): no common divisor has to be looked for. Rows with a 0 in the new column stay as they are.
 */
function insert(row: readonly bigint[], pivots: Pivot[]): boolean {
  const left = leftOf(row, pivots);
  const column = leastOf(left.row);
  if (column < 0) return false;
  const sign = left.row[column] < 0n ? -1n : 1n;
  const pivot = { column, row: times(left.row, sign), factors: times(left.factors, sign) };
  const value = pivot.row[column];
  for (const other of pivots) {
    const part = other.row[column];
    if (part === 0n) continue;
    const own = other.row[other.column];
    reduce(other, own, {
      row: combined(value, other.row, part, pivot.row),
      factors: combined(value, other.factors, part, pivot.factors),
    });
  }
  pivots.push(pivot);
  return true;
}

/** What is left of a row that is 0 in the columns of the pivots. */
function leftOf(row: readonly bigint[], pivots: readonly Pivot[]): { row: bigint[]; factors: bigint[] } {
  const involved = pivots.filter(({ column }) => row[column] !== 0n);
  let scale = 1n;
  for (const { row: entries, column } of involved) {
    const own = entries[column];
    if (own !== scale) scale *= own / gcd(scale, own);
  }
  let left = times(row, scale);
  let factors = [...pivots.map(() => 0n), scale];
  let areEqual = true;
  for (const pivot of involved) {
    const own = pivot.row[pivot.column];
    const part = (scale / own) * row[pivot.column];
    if (own !== scale) areEqual = false;
    left = combined(1n, left, part, pivot.row);
    factors = combined(1n, factors, part, pivot.factors);
  }
  const target = { row: left, factors };
  if (!areEqual || scale <= SMALL) reduce(target, 1n, target);
  return target;
}

/** Up to here a common divisor is cheaper to find than to carry along. */
const SMALL = 1n << 53n;

/** Sets a row and its factors to others less the divisor that they should have, and all that they have where they are small or do not have that. */
function reduce(
  target: { row: bigint[]; factors: bigint[] },
  divisor: bigint,
  { row, factors }: { row: bigint[]; factors: bigint[] },
): void {
  const n = row.length;
  const divided = dividedBy([...row, ...factors], divisor);
  const isDone = divisor > SMALL && divided.divisor === divisor;
  const all = isDone ? divided.vector : primitive(divided.vector);
  target.row = all.slice(0, n);
  target.factors = all.slice(n);
}

const times = (x: readonly bigint[], factor: bigint): bigint[] =>
  factor === 1n ? [...x] : x.map((value) => (value === 0n ? value : value * factor));

/** a x - b y; what is behind the end of the shorter is 0. */
function combined(a: bigint, x: readonly bigint[], b: bigint, y: readonly bigint[]): bigint[] {
  const result: bigint[] = [];
  for (let j = 0; j < Math.max(x.length, y.length); j++) {
    const [p, q] = [x[j] ?? 0n, y[j] ?? 0n];
    result.push(q === 0n ? (p === 0n || a === 1n ? p : a * p) : a * p - b * q);
  }
  return result;
}

/** Where the smallest entry that is not 0 stands; -1 of zeros. */
function leastOf(row: readonly bigint[]): number {
  let at = -1;
  let least = 0n;
  for (let j = 0; j < row.length; j++) {
    const value = size(row[j]);
    if (value === 0n || (at >= 0 && value >= least)) continue;
    at = j;
    least = value;
  }
  return at;
}

/** A vector x with p_i x_i = -side_i · scale, for the entries p_i of the pivots in their own columns. */
function scaled(
  pivots: readonly Pivot[],
  side: (pivot: Pivot) => bigint,
): { vector: bigint[]; scale: bigint } {
  const sides = pivots.map(side);
  let scale = 1n;
  pivots.forEach(({ row, column }, i) => {
    const own = row[column];
    if (sides[i] !== 0n && own !== scale) scale *= own / gcd(scale, own);
  });
  const vector = pivots.map(({ row, column }, i) =>
    sides[i] === 0n ? 0n : -sides[i] * (scale / row[column]),
  );
  return { vector, scale };
}

/** For each column without a pivot the vector with 1 there, up to a factor, 0 in the other such columns, and all rows 0. */
function linealityOf(pivots: readonly Pivot[], dimension: number): bigint[][] {
  const isPivot = new Set(pivots.map(({ column }) => column));
  const lines: bigint[][] = [];
  for (let free = 0; free < dimension; free++) {
    if (isPivot.has(free)) continue;
    const { vector, scale } = scaled(pivots, ({ row }) => row[free]);
    const line = new Array<bigint>(dimension).fill(0n);
    line[free] = scale;
    pivots.forEach(({ column }, i) => void (line[column] = vector[i]));
    lines.push(primitive(line));
  }
  return lines;
}
