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

/** A space of vectors of n integers: a basis, and one of its orthogonal complement. */
export interface Space {
  readonly basis: readonly bigint[][];
  readonly complement: readonly bigint[][];
}

/** The space of the first d entries, where the last of all vectors of the space is 0. */
export function shortened({ basis, complement }: Space, d: number): Space {
  const cut = (vectors: readonly bigint[][]) => vectors.map((vector) => vector.slice(0, d));
  return { basis: cut(basis), complement: cut(complement).filter((row) => row.some((x) => x !== 0n)) };
}

/** An orthonormal basis of a space. */
export function orthonormal(name: string, { basis, complement }: Space, n: number): Tensor {
  const isComplement = complement.length < basis.length;
  const vectors = isComplement ? complement : basis;
  const made = orthonormalFrom(name, vectors, n, isComplement);
  if (made !== undefined) return made;
  // Too close to dependent for floats.
  return orthonormalFrom(name, orthogonalised(vectors), n, isComplement) as Tensor;
}

/** Sines below this cost floats more than a quarter of their digits. */
const CLOSE = 1e-4;

/** An orthonormal basis of the span, or of its complement; undefined where a vector is close to the span of others. */
function orthonormalFrom(
  name: string,
  vectors: readonly bigint[][],
  n: number,
  isComplement: boolean,
): Tensor | undefined {
  const numbers = new Float64Array(vectors.length * n);
  vectors.forEach((vector, i) => void numbers.set(unitOf(vector), i * n));
  const rows = matrixOf(numbers, vectors.length, n);
  const none = matrixOf(new Float64Array(0), 0, n);
  const settings = { exact: false, tolerance: CLOSE, order: 'input', maxRays: 1 } as const;
  const enumeration = new FloatEnumeration(name, { A: none, E: rows }, settings);
  try {
    if (enumeration.fixed < vectors.length) return undefined;
    if (!isComplement) return enumeration.span();
    enumeration.run();
    const { vertices, rays, lineality } = enumeration.finish(false);
    vertices.dispose();
    rays.dispose();
    return lineality;
  } finally {
    enumeration.release();
  }
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
