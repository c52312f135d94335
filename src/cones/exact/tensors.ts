// Vectors of integers as tensors of floats.
import { allocate, type Tensor } from '../../core/tensor.js';
import { matrixOf } from '../arguments.js';
import { FloatEnumeration } from '../float/enumeration.js';
import { dot, primitive, unitOf } from './integers.js';

/** Rows of n floats as a tensor [rows, n]. */
export function tensorOf(name: string, rows: readonly (readonly number[])[], n: number): Tensor {
  const made = allocate([rows.length, n], 'f64', name);
  const data = made.data();
  rows.forEach((row, i) => void data.set(row, i * n));
  return made;
}

/** Floats as a tensor [n]. */
export function vectorOf(name: string, numbers: readonly number[]): Tensor {
  const made = allocate([numbers.length], 'f64', name);
  made.data().set(numbers);
  return made;
}

/** An orthonormal basis of the span of independent vectors of n integers. */
export function orthonormal(name: string, vectors: readonly bigint[][], n: number): Tensor {
  const numbers = new Float64Array(vectors.length * n);
  vectors.forEach((vector, i) => void numbers.set(unitOf(vector), i * n));
  const A = matrixOf(numbers, vectors.length, n);
  const enumeration = new FloatEnumeration(
    name,
    { A },
    { exact: false, tolerance: 1e-11, order: 'input', maxRays: 1 },
  );
  try {
    if (enumeration.rank === vectors.length) return enumeration.span();
  } finally {
    enumeration.release();
  }
  // Too close to dependent for floats.
  return tensorOf(name, orthogonalised(vectors).map(unitOf), n);
}

/** The process of Gram and Schmidt in integers. */
function orthogonalised(vectors: readonly bigint[][]): bigint[][] {
  const found: bigint[][] = [];
  for (const vector of vectors) {
    let rest = vector;
    for (const q of found) {
      const [square, product] = [dot(q, q), dot(q, rest)];
      rest = primitive(rest.map((x, j) => x * square - q[j] * product));
    }
    found.push(rest);
  }
  return found;
}
