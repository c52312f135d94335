// npm run accuracy: the largest of LAPACK's test ratios that each routine shows on the gallery, as the table of docs/accuracy.md.
import { linalg, scope, type Tensor, take, tensor } from '#src/index.js';
import { EPSILON, numbers } from './support/check.js';
import type { Float } from './support/raw.js';
import {
  type Dense,
  dense,
  gallery,
  orthogonality,
  positiveDefinite,
  product,
  ratio,
} from './support/residuals.js';

const SMALL = [...Array.from({ length: 40 }, (_, i) => i + 1), 47, 64, 65, 100, 128, 130];
const LARGE = [255, 257, 500, 1000];

const worst = new Map<string, Record<Float, { value: number; where: string }>>();

function note(name: string, dtype: Float, value: number, where: string): void {
  const row = worst.get(name) ?? { f64: { value: 0, where: '' }, f32: { value: 0, where: '' } };
  if (!(value <= row[dtype].value)) row[dtype] = { value, where };
  worst.set(name, row);
}

/** The columns of x times numbers. */
const scaled = (x: Dense, by: ArrayLike<number>): Dense =>
  dense(
    x.rows,
    x.columns,
    Float64Array.from(x.data, (v, i) => v * by[i % x.columns]),
  );

function square(n: number, dtype: Float, name: string, data: number[]): void {
  const eps = 2 * EPSILON[dtype];
  const where = `${name}, n = ${n}`;
  const A = dense(n, n, data);
  // Copies: products of large matrices make the memory grow under a view.
  const D = (t: Tensor, rows = n, columns = n) => dense(rows, columns, t.toTypedArray());
  scope(() => {
    const a = tensor(data, { shape: [n, n], dtype });
    const { l, u, p } = linalg.lu(a);
    note('lu: P A - L U', dtype, ratio(D(take(a, p)), product(D(l), D(u)), eps), where);
    const { q, r } = linalg.qr(a);
    note('qr: A - Q R', dtype, ratio(A, product(D(q), D(r)), eps), where);
    note('qr: QᵀQ - I', dtype, orthogonality(D(q), eps), where);
    const { u: left, s, vt } = linalg.svd(a);
    note('svd: A - U S Vᵀ', dtype, ratio(A, product(scaled(D(left), s.data()), D(vt)), eps), where);
    note('svd: UᵀU - I', dtype, orthogonality(D(left), eps), where);
    note('svd: VᵀV - I', dtype, orthogonality(D(vt), eps), where);
  });
  scope(() => {
    const symmetric = data.map((x, i) => (x + data[(i % n) * n + Math.floor(i / n)]) / 2);
    const { values, vectors } = linalg.eigh(tensor(symmetric, { shape: [n, n], dtype }));
    const V = D(vectors);
    const rounded = dense(n, n, tensor(symmetric, { dtype }).toTypedArray());
    note(
      'eigh: A - V L Vᵀ',
      dtype,
      ratio(rounded, product(scaled(V, values.data()), V, false, true), eps),
      where,
    );
    note('eigh: VᵀV - I', dtype, orthogonality(V, eps), where);
  });
}

function definite(n: number, dtype: Float): void {
  const eps = 2 * EPSILON[dtype];
  const data = positiveDefinite(n, dtype);
  scope(() => {
    const l = dense(n, n, linalg.cholesky(tensor(data, { shape: [n, n], dtype })).toTypedArray());
    note('cholesky: A - L Lᵀ', dtype, ratio(dense(n, n, data), product(l, l, false, true), eps), `n = ${n}`);
  });
}

for (const dtype of ['f64', 'f32'] as const) {
  for (const n of SMALL) {
    for (const [name, data] of gallery(n, dtype)) square(n, dtype, name, data);
    definite(n, dtype);
  }
  for (const n of LARGE) {
    square(n, dtype, 'random', Array.from(tensor(numbers(n * n, n), { dtype }).data()));
    definite(n, dtype);
  }
}

console.log('| residual | f64 | worst at | f32 | worst at |\n|---|--:|---|--:|---|');
for (const [name, { f64, f32 }] of worst) {
  console.log(
    `| ${name} | ${f64.value.toFixed(2)} | ${f64.where} | ${f32.value.toFixed(2)} | ${f32.where} |`,
  );
}
