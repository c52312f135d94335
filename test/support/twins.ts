// Plain twins of the WASM kernels: what each one means, in the shortest code that says so. Vectors and matrices are an
// array with an offset and strides, as in BLAS; sums run in f64 whatever the type, so that a twin is never the less exact side.

/** A vector in an array: element i lies at offset + i stride. */
export interface Vector {
  data: number[];
  offset: number;
  stride: number;
}

/** A matrix in an array: element (i, j) lies at offset + i rows + j columns. */
export interface Matrix {
  data: number[];
  offset: number;
  rows: number;
  columns: number;
}

const at = (v: Vector, i: number): number => v.data[v.offset + i * v.stride];
const entry = (a: Matrix, i: number, j: number): number => a.data[a.offset + i * a.rows + j * a.columns];

/** C := alpha A B + beta C; C is not read when beta is 0, A and B are not read when alpha is 0. */
export function gemm(
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Matrix,
  b: Matrix,
  beta: number,
  c: Matrix,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      if (alpha !== 0) for (let p = 0; p < k; p++) sum += entry(a, i, p) * entry(b, p, j);
      const scaled = alpha === 0 ? 0 : alpha * sum;
      c.data[c.offset + i * c.rows + j * c.columns] = beta === 0 ? scaled : scaled + beta * entry(c, i, j);
    }
  }
}

/** Σ x_i y_i */
export function dot(n: number, x: Vector, y: Vector): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += at(x, i) * at(y, i);
  return sum;
}

/** y := alpha x + y; nothing happens when alpha is 0. */
export function axpy(n: number, alpha: number, x: Vector, y: Vector): void {
  if (alpha === 0) return;
  for (let i = 0; i < n; i++) y.data[y.offset + i * y.stride] += alpha * at(x, i);
}

/** x := alpha x */
export function scal(n: number, alpha: number, x: Vector): void {
  for (let i = 0; i < n; i++) x.data[x.offset + i * x.stride] *= alpha;
}

/** sqrt(Σ x_i²), computed on x / max |x| so that no square overflows. */
export function nrm2(n: number, x: Vector): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const v = Math.abs(at(x, i));
    if (Number.isNaN(v)) return Number.NaN;
    largest = Math.max(largest, v);
  }
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (at(x, i) / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** Σ |x_i| */
export function asum(n: number, x: Vector): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(at(x, i));
  return sum;
}

/** The first index of the largest |x_i|, or of the first NaN; -1 where there is none. */
export function iamax(n: number, x: Vector): number {
  let best = -1;
  for (let i = 0; i < n; i++) {
    const v = Math.abs(at(x, i));
    if (Number.isNaN(v)) return i;
    if (best < 0 || v > Math.abs(at(x, best))) best = i;
  }
  return best;
}

/** y := alpha A x + beta y; y is not read when beta is 0, A and x are not read when alpha is 0. */
export function gemv(
  m: number,
  n: number,
  alpha: number,
  a: Matrix,
  x: Vector,
  beta: number,
  y: Vector,
): void {
  for (let i = 0; i < m; i++) {
    let sum = 0;
    if (alpha !== 0) for (let j = 0; j < n; j++) sum += entry(a, i, j) * at(x, j);
    const scaled = alpha === 0 ? 0 : alpha * sum;
    y.data[y.offset + i * y.stride] = beta === 0 ? scaled : scaled + beta * at(y, i);
  }
}

/** A := alpha x yᵀ + A; nothing happens when alpha is 0. */
export function ger(m: number, n: number, alpha: number, x: Vector, y: Vector, a: Matrix): void {
  if (alpha === 0) return;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) a.data[a.offset + i * a.rows + j * a.columns] += alpha * at(x, i) * at(y, j);
  }
}

/** f at every index of a shape, each operand read at its own strides; row-major. */
export function elementwise(
  shape: readonly number[],
  f: (...x: number[]) => number,
  ...operands: { data: ArrayLike<number>; strides: readonly number[] }[]
): number[] {
  const out: number[] = [];
  const index = shape.map(() => 0);
  const size = shape.reduce((p, q) => p * q, 1);
  for (let count = 0; count < size; count++) {
    out.push(
      f(
        ...operands.map(
          ({ data, strides }) => data[strides.reduce((sum, s, axis) => sum + s * index[axis], 0)],
        ),
      ),
    );
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

/** out[o][i] = Σ_j x[o][j][i] */
export function sum(outer: number, n: number, inner: number, x: ArrayLike<number>): number[] {
  const out = new Array<number>(outer * inner).fill(0);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < n; j++)
      for (let i = 0; i < inner; i++) out[o * inner + i] += x[(o * n + j) * inner + i];
  }
  return out;
}
