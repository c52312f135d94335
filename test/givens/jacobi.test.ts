// The classical Jacobi method: largest entries become zero one after the other, by angles of at most π/4; off falls as (18) says; values are the
// diagonal, column by column; the basis is yours or that of eigh.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eye, givens, graph, linalg, random, scope, type Tensor, tensor, zeros } from '#src/index.js';
import { near } from '../support/check.js';
import { distanceToPermutations } from '../support/givens/assignment.js';
import { type Matrix, multiplied, rotation, rowsOf, tensorOf, transposed } from '../support/givens/dense.js';
import { haarLike, signedColumns } from '../support/givens/matrices.js';
import { errorsOf, lastError, sound } from '../support/givens/sound.js';

const jacobi = (S: Tensor, options: givens.FactorizeOptions = {}) =>
  givens.factorize(S, { method: 'jacobi', ...options });
const list = (x?: Tensor): number[] => Array.from((x as Tensor).data());
/** U Λ Uᵀ. */
const withValues = (values: number[], u: Matrix = haarLike(values.length, 3)) =>
  multiplied(
    u.map((row) => row.map((v, k) => v * values[k])),
    transposed(u),
  ).map((row, i, all) => row.map((v, j) => (v + all[j][i]) / 2));
const offOf = (s: Matrix) =>
  s.reduce((sum, row, p) => row.reduce((t, v, q) => t + (p === q ? 0 : v * v), sum), 0);

for (const [name, make] of [
  ['generic', () => withValues([5, -1, 0.3, 2, 7, 11, -4, 0.1, 3])],
  ['Laplacian of a path', () => rowsOf(graph.laplacian(graph.path(10)))],
  ['random network', () => rowsOf(graph.laplacian(graph.erdosRenyi(random(3), 14, 0.4)))],
  ['two equal values', () => withValues([1, 1, 2, 3, 3, 5])],
] as [string, () => Matrix][]) {
  test(`${name}: the product written out`, () =>
    scope(() => {
      let s = make();
      const d = s.length;
      const U = rowsOf(linalg.eigh(tensorOf(s)).vectors);
      const f = jacobi(tensorOf(s), { factors: 40 });
      const product = sound(f, U, name);
      const [i, j, angles] = [f.i, f.j, f.angles].map((x) => x.data());
      const [off, errors] = [list(f.off), errorsOf(f)];
      assert.is(off.length, angles.length + 1);
      near([off[0]], [offOf(s)], 1e-12 * offOf(s));
      let w = U;
      const pairs = (d * (d - 1)) / 2;
      for (let t = 0; t < angles.length; t++) {
        let most = 0;
        for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) most = Math.max(most, Math.abs(s[p][q]));
        assert.ok(i[t] < j[t] && Math.abs(angles[t]) <= Math.PI / 4 + 1e-15, `turn ${t}`);
        near([Math.abs(s[i[t]][j[t]])], [most], 1e-12, `turn ${t} takes the largest entry`);
        const g = rotation(d, i[t], j[t], angles[t]);
        const before = off[t];
        s = multiplied(transposed(g), multiplied(s, g));
        w = multiplied(transposed(g), w);
        near([s[i[t]][j[t]]], [0], 1e-12, `turn ${t} makes it zero`);
        near([off[t + 1]], [offOf(s)], 1e-12 * off[0], `off ${t + 1}`);
        assert.ok(off[t + 1] <= (1 - 1 / pairs) * before + 1e-12 * off[0], `bound (18) at ${t}`);
        near([errors[t + 1]], [distanceToPermutations(w) / Math.sqrt(d)], 1e-12, `error ${t + 1}`);
      }
      const S = make();
      const diagonal = multiplied(transposed(product), multiplied(S, product)).map((row, k) => row[k]);
      near(list(f.values), diagonal, 1e-11, 'values, column by column');
    }));
}

test('to the end it gives the eigenvalues, in the order of the basis, and stalls', () =>
  scope(() => {
    const S = tensorOf(withValues([5, -1, 0.3, 2, 7, 11, -4]));
    const { values, vectors } = linalg.eigh(S);
    const f = jacobi(S, { factors: 1000 });
    assert.is(f.status, 'stalled');
    assert.ok(lastError(f) < 1e-14);
    near(list(f.values), list(values), 1e-13);
    assert.ok((list(f.off).at(-1) as number) < 1e-28);
    // Another basis: its columns in their order.
    const basis = signedColumns(rowsOf(vectors), 4);
    const own = jacobi(S, { factors: 1000, basis: tensorOf(basis) });
    sound(own, basis, 'own basis');
    assert.ok(lastError(own) < 1e-14);
    near(own.angles.data(), list(f.angles), 0, 'the same turns');
    near(
      list(own.values).sort((a, b) => a - b),
      list(values),
      1e-13,
    );
    const rows = multiplied(transposed(basis), multiplied(rowsOf(S), basis));
    near(
      list(own.values),
      rows.map((row, k) => row[k]),
      1e-13,
      'column by column',
    );
    const single = jacobi(S, { factors: 1000, basis: tensorOf(basis, 'f32') });
    assert.ok(lastError(single) < 1e-6);
    // From the identity: how far the eigenvectors are from it.
    const plain = jacobi(S, { factors: 0, basis: eye(7) });
    assert.ok(lastError(plain) === 0);
    near(
      list(plain.values),
      rowsOf(S).map((row, k) => row[k]),
      0,
    );
  }));

test('nothing to do: zero, diagonal, 1 x 1 and empty matrices', () =>
  scope(() => {
    for (const [S, values] of [
      [zeros([4, 4]), [0, 0, 0, 0]],
      [
        tensor([
          [3, 0],
          [0, 1],
        ]),
        [1, 3],
      ],
      [tensor([[-2]]), [-2]],
      [zeros([0, 0]), []],
    ] as [Tensor, number[]][]) {
      // biome-ignore format: short
      const f = jacobi(S);
      assert.is(f.angles.size, 0);
      assert.equal(list(f.off), [0]);
      assert.equal(
        list(f.values).sort((a, b) => a - b),
        values,
      );
      assert.is(lastError(f), 0);
      if (values.length > 1) assert.is(f.status, 'stalled');
    }
  }));

test('sizes of 1e-150 and 1e150, and f32', () =>
  scope(() => {
    const s = withValues([5, -1, 0.3, 2, 7]);
    const plain = jacobi(tensorOf(s));
    for (const by of [2 ** -500, 2 ** 500]) {
      const f = jacobi(tensorOf(s.map((row) => row.map((v) => v * by))));
      near(f.angles.data(), list(plain.angles), 1e-12, `times ${by}`);
      near(
        list(f.values).map((v) => v / by),
        list(plain.values),
        1e-12,
      );
    }
    const single = jacobi(tensorOf(s, 'f32'));
    near(list(single.values), list(plain.values), 1e-5);
    assert.is(single.values?.dtype, 'f64');
  }));

test('of equal entries that come of a turn the first one in its row is next', () =>
  scope(() => {
    // Turning (2, 3) by π/4 makes s_02 zero, and of s_03 the number that s_04 is.
    const s = rowsOf(zeros([5, 5]));
    for (const [p, q, v] of [
      [2, 3, 4],
      [0, 2, 1],
      [0, 3, 1],
      [0, 4, 2 * (1 / Math.sqrt(2))],
    ]) {
      s[p][q] = v;
      s[q][p] = v;
    }
    const f = jacobi(tensorOf(s), { factors: 2 });
    assert.equal(list(f.i), [2, 0]);
    assert.equal(list(f.j), [3, 3]);
  }));

test.run();
