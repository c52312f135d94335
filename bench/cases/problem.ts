// Shared by the cases of linear algebra: turns a problem on tensors into a case; matrices with a known spectrum.

import { scope, type Tensor } from 'cotangent';
import { type Numbers, productError } from '../accuracy.js';
import { type Case, roundoff } from '../case.js';
import type { BenchDType } from '../row.js';
import { normals } from './operands.js';

/** A problem with its operands; tensors made by `run` and `error` are freed after each call. */
export interface Prepared {
  operands: readonly Tensor[];
  run(): unknown;
  error(): number;
}

/** The defaults of most cases: f32 and f64 on one CPU thread, n × n matrices, an error bound that grows with n. */
export type Particulars = Pick<Case, 'kernel' | 'about' | 'flops'> & Partial<Case>;

export interface Problem extends Particulars {
  prepare(n: number, dtype: BenchDType): Prepared;
}

export function problem({ prepare, ...given }: Problem): Case {
  return {
    dtypes: ['f32', 'f64'],
    devices: ['cpu'],
    threaded: false,
    sizes: [64, 256, 1024],
    shape: (n) => [n, n],
    tolerance: (n, dtype) => 20 * n * roundoff(dtype),
    ...given,
    setup(n, dtype) {
      const { operands, run, error } = prepare(n, dtype);
      return {
        run: () => scope(() => void run()),
        error: () => scope(error),
        dispose() {
          for (const operand of operands) operand.dispose();
        },
      };
    },
  };
}

/** The tolerance of solutions, by their residual: the condition of the matrix is that of a random one. */
export const solveTolerance = (n: number, dtype: BenchDType): number => 1e3 * n * roundoff(dtype);

export const values = (t: Tensor): Numbers => t.toTypedArray() as Numbers;

/** Numbers of a type, from a function of their index. */
export function numbers(count: number, dtype: BenchDType, f: (i: number) => number): Numbers {
  const out = dtype === 'f64' ? new Float64Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = f(i);
  return out;
}

/** (A + Aᵀ) / 2 for a random A, plus a multiple of the identity. */
export function symmetric(n: number, dtype: BenchDType, shift = 0): Numbers {
  const x = normals(n * n, dtype, 1);
  const s = x.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) s[i * n + j] = (x[i * n + j] + x[j * n + i]) / 2;
    s[i * n + i] += shift;
  }
  return s;
}

/**
 * (I - 2 u uᵀ) diag(d) (I - 2 v vᵀ) for random unit vectors: the singular values are d; for u = v so are the
 * eigenvalues.
 */
export function reflected(d: readonly number[], dtype: BenchDType, kind: 'symmetric' | 'general'): Numbers {
  const n = d.length;
  const u = unitVector(n, 1);
  const v = kind === 'symmetric' ? u : unitVector(n, 2);
  let middle = 0;
  for (let i = 0; i < n; i++) middle += u[i] * d[i] * v[i];
  return numbers(n * n, dtype, (at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return (i === j ? d[i] : 0) - 2 * u[i] * u[j] * d[j] - 2 * d[i] * v[i] * v[j] + 4 * u[i] * middle * v[j];
  });
}

function unitVector(n: number, seed: number): Numbers {
  const x = normals(n, 'f64', seed);
  const length = Math.hypot(...x);
  return x.map((value) => value / length) as Numbers;
}

/** n numbers, evenly from `low` to `high`. */
export function spaced(n: number, low: number, high: number): number[] {
  return Array.from({ length: n }, (_, i) => low + ((high - low) * i) / Math.max(1, n - 1));
}

export function transposed(x: Numbers, rows: number, columns: number): Numbers {
  const out = x.slice();
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
  return out;
}

/** Columns of x (n × n) times numbers. */
export function scaled(x: Numbers, by: Numbers): Numbers {
  return x.map((v, i) => v * by[i % by.length]) as Numbers;
}

/** The error of x y against c, all n × n. */
export const againstProduct = (n: number, x: Numbers, y: Numbers, c: Numbers): number =>
  productError({ m: n, n, k: n, a: x, b: y, c });
