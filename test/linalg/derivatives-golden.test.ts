// Derivatives against test/fixtures/ad.json: values, cotangents and tangents in f64 from PyTorch 1.13 and mpmath, checked by differences.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jvp, linalg, matmul, mul, reshape, sum, type Tensor, tensor, vjp } from '#src/index.js';

interface Array64 {
  shape: number[];
  data: number[];
}
interface Row {
  name: string;
  inputs: Record<string, Array64>;
  params: Record<string, number[]>;
  output: Array64;
  v: Array64;
  vjp: Record<string, Array64>;
  tangents: Record<string, Array64>;
  jvp: Array64;
}

const file = new URL('../../../test/fixtures/ad.json', import.meta.url);
const rows = (JSON.parse(readFileSync(file, 'utf8')) as { ops: Row[] }).ops;
const T = ({ data, shape }: Array64) => tensor(data, { shape });

const eighParams = rows.find(({ name }) => name === 'eigh_gauge_invariant')?.params ?? {};
const table: Record<string, (...xs: Tensor[]) => Tensor> = {
  cholesky: linalg.cholesky,
  cholesky_logdet: (a) =>
    linalg.slogdet(matmul(linalg.cholesky(a), linalg.cholesky(a), { transposeB: true })).logabsdet,
  solve_vec: (a, b) => linalg.solve(a, b),
  solve_mat: (a, b) => linalg.solve(a, b),
  triangular_solve_lower: (a, b) => linalg.solveTriangular(a, b, { lower: true }),
  triangular_solve_upper: (a, b) => linalg.solveTriangular(a, b, { lower: false }),
  inverse: linalg.inv,
  det: linalg.det,
  slogdet: (a) => linalg.slogdet(a).logabsdet,
  eigvalsh: (a) => linalg.eigh(a).values,
  svdvals: (a) => linalg.svd(a).s,
  lstsq_normal: (a, b) => linalg.lstsq(a, b).x,
  matrix_exp: linalg.expm,
  qr_R: (a) => linalg.qr(a).r,
  qr_Q: (a) => linalg.qr(a).q,
  eigh_gauge_invariant: (a) => {
    const weighted = matmul(tensor(eighParams.w), linalg.eigh(a).vectors);
    return sum(mul(mul(weighted, weighted), tensor(eighParams.c)));
  },
};

/** Fails where the largest error is more than 1e-9 of the largest entry. */
function agrees(got: Tensor, want: Array64, what: string): void {
  const data = got.toTypedArray();
  assert.is(data.length, want.data.length, what);
  const size = Math.max(...want.data.map(Math.abs), 1e-300);
  const error = Math.max(...want.data.map((w, i) => Math.abs(w - data[i])));
  assert.ok(error <= 1e-9 * size, `${what}: relative error ${error / size}`);
}

/** R with a positive diagonal is unique; a source whose diagonal has other signs says the same of the other factor. */
function sameSigns(row: Row): boolean {
  if (row.name !== 'qr_R' && row.name !== 'qr_Q') return true;
  const own = table[row.name](...Object.values(row.inputs).map(T)).data();
  return row.output.data.every((w, i) => Math.abs(w - own[i]) < 1e-6);
}

for (const row of rows.filter(({ name }) => name in table)) {
  test(row.name, () => {
    assert.ok(sameSigns(row), 'the signs that are free are ours');
    const names = Object.keys(row.inputs);
    const inputs = names.map((name) => T(row.inputs[name]));
    const { value, pullback } = vjp(table[row.name], ...inputs);
    agrees(value, row.output, 'value');
    const cotangents = pullback(reshape(T(row.v), value.shape));
    names.forEach((name, i) => {
      agrees(cotangents[i], row.vjp[name], `vjp ${name}`);
    });
    if (!row.jvp) return;
    const { tangent } = jvp(
      table[row.name],
      inputs,
      names.map((name) => T(row.tangents[name])),
    );
    agrees(tangent, row.jvp, 'jvp');
  });
}

test('every function of the file is here', () => {
  const all = rows
    .map(({ name }) => name)
    .filter((name) => /chol|solve|inv|det|eig|svd|lstsq|qr_|matrix_exp/.test(name));
  assert.equal(
    all.filter((name) => !(name in table)),
    [],
  );
});

test.run();
