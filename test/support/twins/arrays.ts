// The twins of BLAS on arrays of numbers: an array with an offset and strides in the place of an address, in f64 for any type.
import { blas } from './blas.js';

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

/** Calls a twin over a memory that holds the operands' arrays, and reads them back. */
function over<R>(
  operands: readonly (Vector | Matrix)[],
  body: (twins: ReturnType<typeof blas>, ...addresses: number[]) => R,
): R {
  const lists = [...new Set(operands.map(({ data }) => data))];
  const starts = lists.map((_, i) => lists.slice(0, i).reduce((sum, list) => sum + list.length, 0));
  const memory = Float64Array.from(lists.flat());
  const result = body(
    blas(memory),
    ...operands.map(({ data, offset }) => 8 * (starts[lists.indexOf(data)] + offset)),
  );
  lists.forEach((list, i) => {
    for (let j = 0; j < list.length; j++) list[j] = memory[starts[i] + j];
  });
  return result;
}

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
  over([a, b, c], (twins, pa, pb, pc) =>
    twins.gemm_f64(
      m,
      n,
      k,
      alpha,
      pa,
      a.rows,
      a.columns,
      pb,
      b.rows,
      b.columns,
      beta,
      pc,
      c.rows,
      c.columns,
      0,
    ),
  );
}

export function dot(n: number, x: Vector, y: Vector): number {
  return over([x, y], (twins, px, py) => twins.dot_f64(n, px, x.stride, py, y.stride));
}

export function axpy(n: number, alpha: number, x: Vector, y: Vector): void {
  over([x, y], (twins, px, py) => twins.axpy_f64(n, alpha, px, x.stride, py, y.stride));
}

export function scal(n: number, alpha: number, x: Vector): void {
  over([x], (twins, px) => twins.scal_f64(n, alpha, px, x.stride));
}

export function nrm2(n: number, x: Vector): number {
  return over([x], (twins, px) => twins.nrm2_f64(n, px, x.stride));
}

export function asum(n: number, x: Vector): number {
  return over([x], (twins, px) => twins.asum_f64(n, px, x.stride));
}

export function iamax(n: number, x: Vector): number {
  return over([x], (twins, px) => twins.iamax_f64(n, px, x.stride));
}

export function gemv(
  m: number,
  n: number,
  alpha: number,
  a: Matrix,
  x: Vector,
  beta: number,
  y: Vector,
): void {
  over([a, x, y], (twins, pa, px, py) =>
    twins.gemv_f64(m, n, alpha, pa, a.rows, a.columns, px, x.stride, beta, py, y.stride, 0),
  );
}

export function ger(m: number, n: number, alpha: number, x: Vector, y: Vector, a: Matrix): void {
  over([x, y, a], (twins, px, py, pa) =>
    twins.ger_f64(m, n, alpha, px, x.stride, py, y.stride, pa, a.rows, a.columns),
  );
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
