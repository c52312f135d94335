// planted and haar: the same numbers every time, and the distributions that they are named for, at fixed seeds.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens, linalg, random, scope } from '#src/index.js';
import { near } from '../support/check.js';
import {
  difference,
  identity,
  multiplied,
  numbersOf,
  productOf,
  rowsOf,
  transposed,
} from '../support/givens/dense.js';

test('planted: the matrix is the product of its rotations, pairs i < j, angles in (0, 2π)', () =>
  scope(() => {
    for (const [d, K] of [
      [2, 1],
      [5, 0],
      [8, 30],
      [33, 100],
      [1, 0],
      [0, 0],
    ]) {
      // biome-ignore format: short
      const p = givens.planted(random(3), d, K);
      assert.equal([p.i.dtype, p.j.dtype, p.angles.dtype, p.matrix.dtype], ['i32', 'i32', 'f64', 'f64']);
      assert.equal([p.i.shape, p.j.shape, p.angles.shape, p.matrix.shape], [[K], [K], [K], [d, d]]);
      const { i, j, angles } = numbersOf(p);
      for (let t = 0; t < K; t++) {
        assert.ok(0 <= i[t] && i[t] < j[t] && j[t] < d, `pair (${i[t]}, ${j[t]})`);
        assert.ok(angles[t] > 0 && angles[t] < 2 * Math.PI);
      }
      if (d > 0) assert.ok(difference(rowsOf(p.matrix), productOf(d, { i, j, angles })) < 1e-13);
    }
  }));

test('planted: pairs and angles are uniform', () =>
  scope(() => {
    const [d, K] = [6, 30_000];
    const { i, j, angles } = numbersOf(givens.planted(random(11), d, K));
    const counts = new Map<number, number>();
    for (let t = 0; t < K; t++) counts.set(i[t] * d + j[t], (counts.get(i[t] * d + j[t]) ?? 0) + 1);
    assert.is(counts.size, 15);
    // Of 14 degrees of freedom; 36.1 is exceeded once in a thousand times.
    const expected = K / 15;
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    assert.ok(chi < 36.1, `χ² of pairs: ${chi}`);
    const bins = new Array<number>(20).fill(0);
    for (const a of Array.from(angles)) bins[Math.floor((a / (2 * Math.PI)) * 20)]++;
    const chiAngles = bins.reduce((sum, n) => sum + (n - K / 20) ** 2 / (K / 20), 0);
    assert.ok(chiAngles < 43.8, `χ² of angles: ${chiAngles}`);
    // Neither depends on the other, nor on what came before.
    const mean = (list: number[]) => list.reduce((s, v) => s + v, 0) / list.length;
    const centred = Array.from(angles, (a) => a - Math.PI);
    const middle = mean(Array.from(i));
    const rows = Array.from(i, (p) => p - middle);
    for (const [a, b] of [
      [rows, centred],
      [rows.slice(1), rows.slice(0, -1)],
      [centred.slice(1), centred.slice(0, -1)],
    ]) {
      // biome-ignore format: short
      const size = Math.sqrt(mean(a.map((v) => v * v)) * mean(b.map((v) => v * v)));
      assert.ok(Math.abs(mean(a.map((v, k) => v * b[k]))) / size < 4 / Math.sqrt(K));
    }
  }));

test('haar: orthogonal, of both determinants, or of determinant 1', () =>
  scope(() => {
    const generator = random(5);
    const determinants: number[] = [];
    for (let k = 0; k < 60; k++) {
      const d = 1 + (k % 7);
      const q = givens.haar(generator, d);
      assert.equal([q.dtype, ...q.shape], ['f64', d, d]);
      assert.ok(difference(multiplied(transposed(rowsOf(q)), rowsOf(q)), identity(d)) < 1e-14 * d);
      determinants.push(linalg.det(q).item());
      const special = givens.haar(generator, d, { special: true });
      near([linalg.det(special).item()], [1], 1e-13);
      assert.ok(
        difference(multiplied(transposed(rowsOf(special)), rowsOf(special)), identity(d)) < 1e-14 * d,
      );
    }
    const negative = determinants.filter((v) => v < 0).length;
    assert.ok(negative > 15 && negative < 45, `${negative} of 60 are reflections`);
    assert.equal(givens.haar(generator, 0).shape, [0, 0]);
    assert.equal(givens.haar(generator, 0, { special: true }).shape, [0, 0]);
    assert.equal(givens.haar(generator, 1, { special: true }).toArray(), [[1]]);
  }));

for (const special of [false, true])
  test(`haar: moments of the uniform distribution${special ? ' on SO(d)' : ''}`, () =>
    scope(() => {
      const [d, runs] = [4, 4000];
      const generator = random(17);
      const first = new Array<number>(d * d).fill(0);
      const second = new Array<number>(d * d).fill(0);
      let [fourth, trace, mixed, products] = [0, 0, 0, 0];
      for (let k = 0; k < runs; k++) {
        const q = scope(() => Array.from(givens.haar(generator, d, { special }).data()));
        q.forEach((v, at) => {
          first[at] += v / runs;
          second[at] += (v * v) / runs;
        });
        fourth += q[5] ** 4 / runs;
        mixed += (q[0] * q[0] * q[5] * q[5]) / runs;
        products += (q[0] * q[5] * q[1] * q[4]) / runs;
        trace += (q[0] + q[5] + q[10] + q[15]) ** 2 / runs;
      }
      // E q = 0, E q² = 1/d, E q⁴ = 3 / (d (d + 2)), E (tr)² = 1, E q11² q22² = (d + 1) / ((d - 1) d (d + 2)), E q11 q22 q12 q21 = -1 / ((d - 1) d (d + 2)).
      near(first, new Array(16).fill(0), 4 * Math.sqrt(1 / d / runs), 'means');
      near(
        second,
        new Array(16).fill(1 / d),
        4 * Math.sqrt((3 / (d * (d + 2)) - 1 / d ** 2) / runs),
        'squares',
      );
      near([fourth], [3 / (d * (d + 2))], 0.01, 'fourth powers');
      near([trace], [1], 4 * Math.sqrt(2 / runs), 'traces');
      near([mixed], [(d + 1) / ((d - 1) * d * (d + 2))], 0.006, 'squares of two entries');
      near([products], [-1 / ((d - 1) * d * (d + 2))], 0.004, 'products of four entries');
    }));

test('the same seed gives the same numbers; a generator advances', () =>
  scope(() => {
    const [a, b] = [0, 1].map(() => givens.planted(random(4), 7, 9));
    assert.equal(
      [a.i.toArray(), a.j.toArray(), a.angles.toArray()],
      [b.i.toArray(), b.j.toArray(), b.angles.toArray()],
    );
    assert.equal(a.matrix.toArray(), b.matrix.toArray());
    const generator = random(4);
    const [x, y] = [0, 1].map(() => givens.haar(generator, 3));
    assert.equal(x.toArray(), givens.haar(random(4), 3).toArray());
    assert.ok(difference(rowsOf(x), rowsOf(y)) > 1e-3);
    // These are the numbers of this seed on every machine.
    near(givens.planted(random(1), 9, 3).angles.data(), PLANTED, 1e-15);
    near(givens.haar(random(1), 2).data(), HAAR, 1e-15);
  }));

const PLANTED = [3.3305390090704443, 1.396605053003191, 3.014697739397285];
const HAAR = [-0.9895351118850937, 0.14429228096663946, 0.14429228096663946, 0.9895351118850935];

test.run();
