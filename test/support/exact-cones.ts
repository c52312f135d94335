// Cones in bigints by trying all sets of rows: slow, and independent of what is tested.

export type Rows = bigint[][];

const size = (x: bigint) => (x < 0n ? -x : x);
export const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? size(a) : gcd(b, a % b));
export const dot = (a: readonly bigint[], b: readonly bigint[]) =>
  a.reduce((sum, x, j) => sum + x * b[j], 0n);
export const primitive = (x: bigint[]) => {
  const divisor = x.reduce(gcd, 0n);
  return divisor === 0n ? x : x.map((y) => y / divisor);
};

/** Independent rows of a matrix by elimination, and the columns in which they have a row's only entry. */
export function eliminated(matrix: Rows): { rows: Rows; columns: number[] } {
  const rows: Rows = [];
  const columns: number[] = [];
  for (const given of matrix) {
    let row = given;
    rows.forEach((pivot, k) => {
      const column = columns[k];
      row = primitive(row.map((x, j) => x * pivot[column] - pivot[j] * row[column]));
    });
    const column = row.findIndex((x) => x !== 0n);
    if (column < 0) continue;
    rows.forEach((pivot, k) => {
      rows[k] = primitive(pivot.map((x, j) => x * row[column] - row[j] * pivot[column]));
    });
    rows.push(row);
    columns.push(column);
  }
  return { rows, columns };
}

/** A basis of {x : M x = 0}. */
export function nullSpace(matrix: Rows, d: number): Rows {
  const { rows, columns } = eliminated(matrix);
  const free = Array.from({ length: d }, (_, j) => j).filter((j) => !columns.includes(j));
  const scale = rows.reduce((all, row, k) => all * size(row[columns[k]]), 1n);
  return free.map((j) => {
    const x = new Array<bigint>(d).fill(0n);
    x[j] = scale;
    rows.forEach((row, k) => void (x[columns[k]] = (-row[j] * scale) / row[columns[k]]));
    return primitive(x);
  });
}

/** The extreme rays of {x : A x <= 0, E x = 0} orthogonal to its lineality space: what so many rows leave of a line, on the right side. */
export function oracle(A: Rows, E: Rows, d: number): { rays: string[]; lineality: Rows } {
  const lineality = nullSpace([...E, ...A], d);
  const fixed = [...E, ...lineality];
  const missing = d - 1 - eliminated(fixed).rows.length;
  const rays = new Set<string>();
  const go = (chosen: Rows, from: number): void => {
    if (chosen.length < missing) {
      for (let k = from; k < A.length; k++) go([...chosen, A[k]], k + 1);
      return;
    }
    const line = nullSpace([...fixed, ...chosen], d);
    if (line.length !== 1) return;
    for (const ray of [line[0], line[0].map((x) => -x)])
      if (A.every((a) => dot(a, ray) <= 0n)) rays.add(ray.join());
  };
  if (missing >= 0) go([], 0);
  return { rays: [...rays].sort(), lineality };
}
