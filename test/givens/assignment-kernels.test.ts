// Raw assignments: the nearest signed permutation as an independent method finds it, for matrices with ties too; rows that change are assigned
// anew to the same distance as from the start; copies go on alike.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens } from '#src/generated/givens.js';
import { drawing, near, property } from '../support/check.js';
import { distanceToPermutations, leastDistance } from '../support/givens/assignment.js';
import { type Blocks, doubles, integers, withBlocks } from '../support/givens/blocks.js';
import { distance, identity, type Matrix, signedPermutation, zerosOf } from '../support/givens/dense.js';
import { haarLike, hadamard, signedColumns } from '../support/givens/matrices.js';

const { exports: kernels } = givens;

function begin({ take }: Blocks, d: number, W: number): number {
  const assignment = take(kernels.assignment_work(d));
  kernels.assignment_begin(assignment, d, W, kernels.givens_pitch(d));
  return assignment;
}

/** P of the last distance. */
function permutationOf({ take }: Blocks, assignment: number, d: number): Matrix {
  const [permutation, signs] = [take(4 * d), take(8 * d)];
  kernels.assignment_permutation(assignment, permutation, signs);
  const [p, s] = [Array.from(integers(permutation, d)), Array.from(doubles(signs, d))];
  assert.equal(
    [...p].sort((a, b) => a - b),
    [...p.keys()],
    'a permutation',
  );
  assert.ok(
    s.every((v) => v === 1 || v === -1),
    'signs',
  );
  return signedPermutation(p, s);
}

/** Random numbers, few values with many ties, zeros, equal columns, huge and tiny numbers. */
function matrixOf(d: number, kind: number, seed: number): Matrix {
  const draw = drawing(seed);
  const value = [
    draw,
    () => Math.round(2 * draw()),
    () => (draw() < 0.7 ? 0 : draw()),
    () => draw() * 2 ** Math.round(30 * draw()),
  ][kind % 4];
  const a = zerosOf(d, d).map((row) => row.map(value));
  return kind < 4 ? a : a.map((row) => row.map((_, j) => row[j >> 1]));
}

const problem = fc.record({
  d: fc.integer({ min: 1, max: 26 }),
  kind: fc.integer({ min: 0, max: 7 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('the nearest signed permutation of any matrix, ties included', () =>
  property(
    problem,
    ({ d, kind, seed }) =>
      withBlocks((blocks) => {
        const w = matrixOf(d, kind, seed);
        const assignment = begin(blocks, d, blocks.matrix(w));
        const got = kernels.assignment_distance_f64(assignment);
        const bound = 1e-13 * (1 + distance(w, zerosOf(d, d)));
        near([got], [distanceToPermutations(w)], bound, 'another method');
        near([got], [distance(w, permutationOf(blocks, assignment, d))], bound, 'P attains it');
        near([kernels.assignment_distance_f64(assignment)], [got], 0, 'again');
        if (d <= 5) near([got], [leastDistance(w, identity(d))], bound, 'all permutations');
      }),
    150,
  ));

test('rows change and are assigned anew, as often as you like: the distance is that from the start', () =>
  property(
    problem,
    ({ d, kind, seed }) =>
      withBlocks((blocks) => {
        const w = matrixOf(d, kind, seed);
        const W = blocks.matrix(w);
        let assignment = begin(blocks, d, W);
        const draw = drawing(seed + 1);
        const below = (n: number) => Math.floor(((draw() + 1) / 2) * n);
        for (let round = 0; round < 12; round++) {
          kernels.assignment_distance_f64(assignment);
          const rows = Array.from({ length: 1 + below(Math.min(d, 3)) }, () => below(d));
          const other = matrixOf(d, kind, seed + 2 + round);
          for (const r of rows) {
            w[r] = other[r];
            doubles(W + 8 * r * kernels.givens_pitch(d), d).set(w[r]);
            kernels.assignment_change(assignment, r);
          }
          if (round === 6) {
            // A copy elsewhere, of the matrix and of what is known of it.
            const bytes = kernels.assignment_work(d);
            const copy = blocks.take(bytes);
            new Uint8Array(doubles(0, 1).buffer).copyWithin(copy, assignment, assignment + bytes);
            kernels.assignment_moved(copy, blocks.matrix(w), kernels.givens_pitch(d));
            kernels.assignment_distance_f64(assignment);
            const got = kernels.assignment_distance_f64(copy);
            near([got], [kernels.assignment_distance_f64(assignment)], 0, 'the copy');
            assignment = begin(blocks, d, W);
          }
          const got = kernels.assignment_distance_f64(assignment);
          const bound = 1e-13 * (1 + distance(w, zerosOf(d, d)));
          near([got], [distanceToPermutations(w)], bound, `round ${round}`);
          near([got], [distance(w, permutationOf(blocks, assignment, d))], bound, `round ${round}: P`);
        }
      }),
    60,
  ));

test('right near 0: the distance of a permutation but for 1e-12 is about 1e-12', () =>
  withBlocks((blocks) => {
    const d = 31;
    const noise = haarLike(d, 2);
    const p = signedColumns(identity(d), 3);
    const w = p.map((row, i) => row.map((v, j) => v + 1e-12 * noise[i][j]));
    const got = kernels.assignment_distance_f64(begin(blocks, d, blocks.matrix(w)));
    near([got], [distance(w, p)], 1e-20);
    assert.ok(got > 5e-12 && got < 6e-12, `${got}`);
    const h = hadamard(32);
    near(
      [kernels.assignment_distance_f64(begin(blocks, 32, blocks.matrix(h)))],
      [Math.sqrt(2 * 32 * (1 - 1 / Math.sqrt(32)))],
      1e-12,
    );
  }));

test('empty and single matrices', () =>
  withBlocks((blocks) => {
    assert.is(kernels.assignment_distance_f64(begin(blocks, 0, blocks.matrix([]))), 0);
    const one = begin(blocks, 1, blocks.matrix([[-3]]));
    assert.is(kernels.assignment_distance_f64(one), 2);
    assert.equal(permutationOf(blocks, one, 1), [[-1]]);
  }));

test.run();
