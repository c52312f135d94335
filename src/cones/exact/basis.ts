// The lineality space {x : E x = 0, A x = 0} and a first simplicial cone: with independent rows B of E and A, and x = 0 in all but as
// many columns, the rays r_k with B r_k = -e_k, for the rows of B that are of A.
import { content, gcd, primitive } from './integers.js';

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
}

/** A combination of rows of B that is not 0 in its own column, and 0 in those of the others. */
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
    const pivot = reduced(row, pivots);
    if (pivot === undefined) return false;
    pivots.push(pivot);
    spanning.push(row);
    return true;
  };
  for (const row of equalities) if (pivots.length < dimension) add(row);
  const first = pivots.length;
  const chosen: number[] = [];
  for (const row of order) {
    if (pivots.length === dimension) break;
    if (add(rows[row])) chosen.push(row);
  }
  eliminateUpwards(pivots);
  pivots.sort((a, b) => a.column - b.column);
  const columns = pivots.map(({ column }) => column);
  const rays = chosen.map((_, k) => solution(pivots, ({ factors }) => factors[first + k] ?? 0n));
  return { columns, rows: chosen, spanning, rays, lineality: linealityOf(pivots, dimension) };
}

/** A row less its parts along the pivots before it; undefined where nothing is left. */
function reduced(row: readonly bigint[], pivots: readonly Pivot[]): Pivot | undefined {
  const left = { column: -1, row: row as bigint[], factors: [...pivots.map(() => 0n), 1n] };
  for (const pivot of pivots) eliminate(left, pivot);
  let column = -1;
  let least = 0n;
  left.row.forEach((x, j) => {
    const value = x < 0n ? -x : x;
    if (value === 0n || (column >= 0 && value >= least)) return;
    column = j;
    least = value;
  });
  return column < 0 ? undefined : { ...left, column };
}

/** Each pivot's column becomes 0 in all other pivots. */
function eliminateUpwards(pivots: readonly Pivot[]): void {
  for (let k = pivots.length - 1; k > 0; k--) for (let i = 0; i < k; i++) eliminate(pivots[i], pivots[k]);
}

/** Takes as much of a pivot from a row that its column becomes 0, and the common divisor out. */
function eliminate(target: { row: bigint[]; factors: bigint[] }, { column, row, factors }: Pivot): void {
  const value = target.row[column];
  if (value === 0n) return;
  const common = gcd(value, row[column]);
  const [a, b] = [row[column] / common, value / common];
  const less = (x: readonly bigint[], y: readonly bigint[]) =>
    Array.from({ length: Math.max(x.length, y.length) }, (_, j) => {
      const [p, q] = [x[j] ?? 0n, y[j] ?? 0n];
      return q === 0n ? (p === 0n ? 0n : a * p) : a * p - b * q;
    });
  const [newRow, newFactors] = [less(target.row, row), less(target.factors, factors)];
  const divisor = gcd(content(newRow), content(newFactors));
  const divided = (x: bigint[]) => (divisor > 1n ? x.map((y) => y / divisor) : x);
  target.row = divided(newRow);
  target.factors = divided(newFactors);
}

/** The primitive multiple of x with p_i x_i = -side_i, for pivots p_i. */
function solution(pivots: readonly Pivot[], side: (pivot: Pivot) => bigint): bigint[] {
  return primitive(scaled(pivots, side).vector);
}

function scaled(
  pivots: readonly Pivot[],
  side: (pivot: Pivot) => bigint,
): { vector: bigint[]; scale: bigint } {
  const sides = pivots.map(side);
  let scale = 1n;
  pivots.forEach(({ row, column }, i) => {
    if (sides[i] === 0n) return;
    const needed = row[column] / gcd(row[column], sides[i]);
    scale *= needed / gcd(scale, needed);
  });
  if (scale < 0n) scale = -scale;
  const vector = pivots.map(({ row, column }, i) =>
    sides[i] === 0n ? 0n : (-sides[i] * scale) / row[column],
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
