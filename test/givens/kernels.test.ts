// Single turns, elimination, Jacobi's method and the refinement of angles on addresses, against the same in plain numbers. No byte outside
// their memory is written.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens } from '#src/generated/givens.js';
import { near, property } from '../support/check.js';
import { doubles, integers, matrixAt, withBlocks } from '../support/givens/blocks.js';
import {
  difference,
  type Matrix,
  multiplied,
  rotation,
  transposed,
  turnRows,
  zerosOf,
} from '../support/givens/dense.js';
import { haarLike, rotations } from '../support/givens/matrices.js';

const { exports: kernels } = givens;
const sizes = fc.record({ d: fc.integer({ min: 2, max: 35 }), seed: fc.integer({ min: 1, max: 1e6 }) });
const symmetric = (d: number, seed: number): Matrix => {
  const a = haarLike(d, seed);
  return a.map((row, i) => row.map((v, j) => v + a[j][i]));
};

test('givens_turn_f64 is G(i, j, α)ᵀ W, at a pitch that holds the rows', () =>
  property(sizes, ({ d, seed }) =>
    withBlocks(({ matrix }) => {
      assert.ok(kernels.givens_pitch(d) >= d && kernels.givens_pitch(d) % 2 === 0);
      assert.is(kernels.givens_matrix_work(d), 8 * d * kernels.givens_pitch(d));
      const { i, j, angles } = rotations(d, 1, seed);
      const w = haarLike(d, seed);
      const at = matrix(w);
      kernels.givens_turn_f64(d, at, i[0], j[0], Math.cos(angles[0]), Math.sin(angles[0]));
      const want = multiplied(transposed(rotation(d, i[0], j[0], angles[0])), w);
      assert.ok(difference(matrixAt(at, d), want) < 1e-15);
    }),
  ));

test('eliminate_f64 makes one entry zero and the diagonal positive; a zero takes the angle 0', () =>
  property(sizes, ({ d, seed }) =>
    withBlocks(({ matrix, take }) => {
      const c = seed % (d - 1);
      // What lies left of the column is zero already.
      const w = haarLike(d, seed).map((row) => row.map((v, k) => (k < c ? 0 : v)));
      const r = c + 1 + (seed % (d - 1 - c));
      const [at, turn] = [matrix(w), take(16)];
      kernels.eliminate_f64(d, at, r, c, turn);
      const [cosine, sine] = doubles(turn, 2);
      near([cosine * cosine + sine * sine], [1], 1e-15);
      const got = matrixAt(at, d);
      turnRows(w, r, c, cosine, sine);
      assert.ok(difference(got, w) < 1e-15);
      assert.is(got[r][c], 0);
      assert.ok(got[c][c] > 0);
      kernels.eliminate_f64(d, at, r, c, turn);
      assert.equal([...doubles(turn, 2)], [1, 0]);
      assert.equal(matrixAt(at, d), got, 'nothing changes');
    }),
  ));

/** What the classical method does next to S: the first largest entry in row order, made zero by the smaller angle. */
function jacobiStep(s: Matrix) {
  let [most, i, j] = [0, -1, -1];
  s.forEach((row, p) => {
    for (let q = p + 1; q < row.length; q++)
      if (Math.abs(row[q]) > most) [most, i, j] = [Math.abs(row[q]), p, q];
  });
  // tan 2α = 2 s_ij / (s_jj - s_ii) for Gᵀ S G, |α| <= π/4.
  const angle = i < 0 ? 0 : Math.atan((2 * s[i][j]) / (s[j][j] - s[i][i])) / 2;
  return { most, i, j, angle };
}

const offOf = (s: Matrix) =>
  s.reduce((sum, row, p) => row.reduce((t, v, q) => t + (p === q ? 0 : v * v), sum), 0);

test('jacobi_turn_f64 zeroes the largest entry of the symmetric part, and keeps off and the diagonal', () =>
  property(
    sizes,
    ({ d, seed }) =>
      withBlocks(({ take, f64 }) => {
        let s = symmetric(d, seed);
        // Its skew part does not count.
        const given = s.map((row, i) => row.map((v, j) => v + (i < j ? 0.125 : i > j ? -0.125 : 0)));
        const [state, turn, diagonal] = [take(kernels.jacobi_work(d)), take(24), take(8 * d)];
        kernels.jacobi_begin_f64(state, d, f64(given.flat()));
        for (let k = 0; k < 2 * d; k++) {
          near([kernels.jacobi_off_f64(state)], [offOf(s)], 1e-12 * d, `off ${k}`);
          const { most, i, j, angle } = jacobiStep(s);
          if (most < 1e-9) break;
          assert.ok(kernels.jacobi_turn_f64(state, 1e-12, turn));
          const [p, q] = integers(turn, 2);
          const [c, sine] = doubles(turn + 8, 2);
          near([Math.abs(s[p][q])], [most], 1e-12, `the largest, (${i}, ${j})`);
          if (p === i && q === j) near([c, sine], [Math.cos(angle), Math.sin(angle)], 1e-9, `angle ${k}`);
          const g = rotation(d, p, q, Math.atan2(sine, c));
          s = multiplied(transposed(g), multiplied(s, g));
          assert.ok(Math.abs(s[p][q]) < 1e-13, 'it is zero');
        }
        kernels.jacobi_diagonal_f64(state, diagonal);
        near(
          doubles(diagonal, d),
          s.map((row, i) => row[i]),
          1e-12,
          'diagonal',
        );
        assert.not(kernels.jacobi_turn_f64(state, 100, turn), 'nothing exceeds 100');
      }),
    30,
  ));

test('jacobi_turn_f64: of equal entries the first in row order, and an angle of π/4 between equal diagonals', () =>
  withBlocks(({ take, f64 }) => {
    const d = 5;
    const s = zerosOf(d, d);
    for (const [p, q, v] of [[0, 1, 0.5], [1, 4, -2], [2, 3, 2], [3, 4, 2]]) [s[p][q], s[q][p]] = [v, v]; // biome-ignore format: short
    const [state, turn] = [take(kernels.jacobi_work(d)), take(24)];
    kernels.jacobi_begin_f64(state, d, f64(s.flat()));
    assert.ok(kernels.jacobi_turn_f64(state, 0, turn));
    assert.equal([...integers(turn, 2)], [1, 4]);
    near(doubles(turn + 8, 2), [Math.SQRT1_2, Math.SQRT1_2], 1e-15);
    assert.ok(kernels.jacobi_turn_f64(state, 0, turn));
    assert.equal([...integers(turn, 2)], [2, 3]);
  }));

test('refine_sweep_f64: each angle in turn is the best for the trace with all others fixed', () =>
  property(
    fc.record({
      d: fc.integer({ min: 3, max: 13 }),
      count: fc.integer({ min: 0, max: 15 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    }),
    ({ d, count, seed }) =>
      withBlocks(({ matrix, i32, f64 }) => {
        const u = haarLike(d, seed);
        const { i, j, angles } = rotations(d, count, seed + 1);
        const own = Array.from(angles);
        const product = (list: number[]) =>
          list.reduce((g, a, t) => multiplied(g, rotation(d, i[t], j[t], a)), rotation(d, 0, 1, 0));
        const trace = (list: number[]) =>
          multiplied(transposed(u), product(list)).reduce((sum, row, k) => sum + row[k], 0);
        const before = trace(own);
        // The best angle of one factor: the trace is A cos + B sin + C in it.
        for (let t = 0; t < count; t++) {
          const at = (a: number) => trace(own.map((v, k) => (k === t ? a : v)));
          const [zero, half, quarter] = [at(0), at(Math.PI), at(Math.PI / 2)];
          const middle = (zero + half) / 2;
          // One that hardly matters would be chosen by roundings.
          if (Math.hypot(quarter - middle, zero - middle) < 1e-3) return;
          own[t] = Math.atan2(quarter - middle, zero - middle);
        }
        const [X, pairs] = [matrix(u), i32(own.flatMap((_, t) => [i[t], j[t]]))];
        const turns = f64(Array.from(angles).flatMap((a) => [Math.cos(a), Math.sin(a)]));
        const gain = kernels.refine_sweep_f64(d, X, count, pairs, turns);
        near(
          doubles(turns, 2 * count),
          own.flatMap((a) => [Math.cos(a), Math.sin(a)]),
          1e-7,
          'angles',
        );
        near([gain], [trace(own) - before], 1e-10, 'gain');
        assert.ok(difference(matrixAt(X, d), multiplied(transposed(product(own)), u)) < 1e-7, 'X');
      }),
    40,
  ));

test('refine_sweep_f64 leaves an angle that does not matter', () =>
  withBlocks(({ matrix, i32, f64 }) => {
    const X = matrix([[0, 0, 0], [0, 0, 0], [0, 0, 1]]); // biome-ignore format: short
    const turns = f64([0.6, 0.8]);
    assert.is(kernels.refine_sweep_f64(3, X, 1, i32([0, 1]), turns), 0);
    assert.equal([...doubles(turns, 2)], [0.6, 0.8]);
  }));

test.run();
