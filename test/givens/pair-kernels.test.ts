// Raw searches over pairs: no bound is below the gain of its pair, choices are the best gains in order, parts and copies change nothing, and
// no byte outside a state is written.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens } from '#src/generated/givens.js';
import { near, property } from '../support/check.js';
import { type Blocks, doubles, integers, matrixAt, withBlocks } from '../support/givens/blocks.js';
import { difference, type Matrix, turnRows } from '../support/givens/dense.js';
import { bestL1, bestTrace } from '../support/givens/descent.js';
import { blockDiagonal, cosines, haarLike, hadamard, planted } from '../support/givens/matrices.js';

const L1 = 0;
const TRACE = 1;
const { exports: kernels } = givens;

/** Where a state keeps gains and levels: behind its header, U, U in f32 (assembly/givens/search.ts). */
function gainsOf(search: number, d: number): { gains: Matrix; levels: number[][] } {
  const matrix = kernels.givens_matrix_work(d);
  const line = (bytes: number) => (bytes + 63) & ~63;
  const at = search + 192 + matrix + matrix / 2;
  const levels = new Uint8Array(doubles(0, 1).buffer, at + line(8 * d * d), d * d);
  const rows = <T>(f: (k: number) => T): T[][] =>
    Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => f(i * d + j)));
  const gains = doubles(at, d * d);
  return { gains: rows((k) => gains[k]), levels: rows((k) => levels[k]) };
}

/** A search over u, whose pairs have all been bounded in so many parts. */
function begin({ take, f64 }: Blocks, u: Matrix, criterion: number, floor = 0, parts = 1) {
  const d = u.length;
  const search = take(kernels.pair_search_work(d));
  const work = take(kernels.pair_bounds_work(d));
  const closer = take(4);
  kernels.pair_begin_f64(search, d, criterion, f64(u.flat()));
  let count = 0;
  for (let part = 0; part < parts; part++) {
    kernels.pair_bounds_all_f64(search, part, parts, floor, work, closer);
    count += integers(closer, 1)[0];
  }
  kernels.pair_note(search, (d * (d - 1)) / 2, count);
  kernels.pair_ready(search);
  return { search, work, closer, count };
}

/** What a search gives: pairs with their gains and turns, best first. */
function choose({ take }: Blocks, search: number, limit: number, disjoint = false) {
  const to = take(32 * limit);
  const count = kernels.pair_choose_f64(search, limit, disjoint, to);
  return Array.from({ length: count }, (_, k) => {
    const [i, j] = integers(to + 32 * k, 2);
    const [gain, c, s] = doubles(to + 32 * k + 8, 3);
    return { i, j, gain, c, s };
  });
}

const brute = (u: Matrix, criterion: number, i: number, j: number) =>
  criterion === L1 ? bestL1(u[i], u[j]) : bestTrace(u, i, j);

/** Turns and bounds, as a search goes on. */
function turn(
  state: ReturnType<typeof begin>,
  d: number,
  { i, j, c, s }: { i: number; j: number; c: number; s: number },
) {
  const { search, work, closer } = state;
  const floor = kernels.pair_turn_f64(search, i, j, c, s);
  // In two parts, as threads do.
  let count = 0;
  const middle = d >> 1;
  for (const [from, to] of [
    [middle, d],
    [0, middle],
  ]) {
    // biome-ignore format: short
    kernels.pair_bounds_f64(search, i, j, from, to, floor, work, closer);
    count += integers(closer, 1)[0];
  }
  kernels.pair_note(search, 2 * d - 3, count);
  kernels.pair_update(search, i, j);
  return { floor, count };
}

const matrix = fc
  .record({
    d: fc.integer({ min: 2, max: 34 }),
    kind: fc.nat(5),
    seed: fc.integer({ min: 1, max: 1e6 }),
    scale: fc.constantFrom(1, 1e-3, 1e-9),
  })
  .map(({ d, kind, seed, scale }): Matrix => {
    if (kind === 0) return haarLike(d, seed);
    if (kind === 1) return planted(d, d, seed);
    if (kind === 2) return cosines(d);
    if (kind === 3) return blockDiagonal(d, 4, seed);
    // Near the end: a permutation but for little.
    const small = haarLike(d, seed).map((row, i) => row.map((v, j) => (i === j ? 1 : 0) + scale * v));
    if (kind === 4) return small;
    // Not orthogonal: some columns of zeros, and sizes that differ.
    return haarLike(d, seed).map((row, i) =>
      row.map((v, j) => ((i + j) % 3 === 0 ? 0 : v * 10 ** ((i % 7) - 3))),
    );
  });

test('bounds are never below what a pair gains, and those that are called gains are', () =>
  property(
    fc.record({ u: matrix, floor: fc.constantFrom(0, 0.05, 0.3, 10) }),
    ({ u, floor }) =>
      withBlocks((blocks) => {
        const d = u.length;
        const { search, count } = begin(blocks, u, L1, floor);
        const { gains, levels } = gainsOf(search, d);
        let closer = 0;
        for (let i = 0; i < d; i++) {
          for (let j = i + 1; j < d; j++) {
            const { gain } = bestL1(u[i], u[j]);
            const size = u[i].reduce((s, v, k) => s + Math.abs(v) + Math.abs(u[j][k]), 0);
            assert.ok(gains[i][j] >= gain - 1e-13 * size, `(${i}, ${j}): bound ${gains[i][j]}, gain ${gain}`);
            // Intervals come close: to a twentieth of the norm.
            if (levels[i][j] === 1)
              assert.ok(gains[i][j] <= gain + 0.05 * size, `(${i}, ${j}): loose ${gains[i][j]}, ${gain}`);
            if (levels[i][j] === 0)
              assert.ok(gains[i][j] <= floor, 'a bound by lengths above the floor is looked at again');
            if (levels[i][j] === 2) near([gains[i][j]], [gain], 1e-12 * size);
            closer += +(levels[i][j] === 1);
          }
        }
        assert.is(count, closer, 'how many needed the closer bound');
      }),
    60,
  ));

for (const [name, criterion] of [['l1', L1], ['greedy', TRACE]] as const) // biome-ignore format: short
  test(`${name}: choices are the best pairs in order, with the gains and turns of brute force, at any limit`, () =>
    property(
      fc.record({
        d: fc.integer({ min: 2, max: 24 }),
        seed: fc.integer({ min: 1, max: 1e6 }),
        limit: fc.integer({ min: 1, max: 9 }),
      }),
      ({ d, seed, limit }) =>
        withBlocks((blocks) => {
          const u = planted(d, 3 * d, seed);
          const state = begin(blocks, u, criterion);
          const all: { i: number; j: number; gain: number; c: number; s: number }[] = [];
          for (let i = 0; i < d; i++)
            for (let j = i + 1; j < d; j++) all.push({ i, j, ...brute(u, criterion, i, j) });
          all.sort((a, b) => b.gain - a.gain);
          for (let again = 0; again < 2; again++) {
            const got = choose(blocks, state.search, limit);
            const want = all.filter(({ gain }) => gain > 1e-12).slice(0, limit);
            assert.is(got.length, want.length);
            near(
              got.map(({ gain }) => gain),
              want.map(({ gain }) => gain),
              1e-11,
              'gains',
            );
            got.forEach(({ i, j, gain, c, s }) => {
              near([brute(u, criterion, i, j).gain], [gain], 1e-11, `gain of (${i}, ${j})`);
              near([c * c + s * s], [1], 1e-15);
              const w = u.map((row) => [...row]);
              const value = (m: Matrix) =>
                criterion === L1
                  ? -[i, j].reduce((sum, r) => m[r].reduce((t, v) => t + Math.abs(v), sum), 0)
                  : m[i][i] + m[j][j];
              turnRows(w, i, j, c, s);
              near([value(w) - value(u)], [gain], 1e-11, `turn of (${i}, ${j})`);
            });
            assert.is(new Set(got.map(({ i, j }) => i * d + j)).size, got.length, 'each pair once');
          }
          const apart = choose(blocks, state.search, limit, true);
          assert.is(new Set(apart.flatMap(({ i, j }) => [i, j])).size, 2 * apart.length, 'no row twice');
          // Best first, each the best of the rows that are left.
          const taken = new Set<number>();
          for (const { i, j, gain } of apart) {
            const rest = all.filter((p) => !taken.has(p.i) && !taken.has(p.j));
            near([gain], [rest[0].gain], 1e-11, 'the best that is left');
            taken.add(i).add(j);
          }
          assert.equal(
            choose(blocks, state.search, 1),
            choose(blocks, state.search, limit).slice(0, 1),
            'nothing is taken for good',
          );
        }),
      30,
    ));

test('turn after turn in parts: the floor is a gain that is known, bounds stay above gains, the matrix is turned, and a copy goes on alike', () =>
  withBlocks((blocks) => {
    const d = 23;
    const u = planted(d, 70, 11);
    const w = u.map((row) => [...row]);
    const state = begin(blocks, u, L1, 0, 3);
    const plain = begin(blocks, u, L1);
    let copy: number | undefined;
    const end = 45;
    const touched = (d * (d - 1)) / 2 + end * (2 * d - 3);
    let rest: number[] = [];
    for (let t = 0; t < end; t++) {
      const [best] = choose(blocks, state.search, 1);
      assert.equal(choose(blocks, plain.search, 1), [best], 'parts change nothing');
      const { floor } = turn(state, d, best);
      turn(plain, d, best);
      turnRows(w, best.i, best.j, best.c, best.s);
      const { gains } = gainsOf(state.search, d);
      let most = 0;
      for (let i = 0; i < d; i++)
        for (let j = i + 1; j < d; j++) {
          const { gain } = bestL1(w[i], w[j]);
          most = Math.max(most, gain);
          assert.ok(
            gains[i][j] >= gain - 1e-12,
            `turn ${t}: (${i}, ${j}) is bounded by ${gains[i][j]}, gains ${gain}`,
          );
        }
      assert.ok(floor <= most + 1e-12, `turn ${t}: floor ${floor}, largest gain ${most}`);
      if (t === 20) {
        copy = blocks.take(kernels.pair_search_work(d));
        const bytes = new Uint8Array(doubles(0, 1).buffer);
        bytes.copyWithin(copy, plain.search, plain.search + kernels.pair_search_work(d));
        kernels.pair_moved(copy);
      }
      if (t === 30) rest = choose(blocks, plain.search, 5).flatMap(({ i, j, gain }) => [i, j, gain]);
      if (copy !== undefined && t > 20 && t <= 30) turn({ ...plain, search: copy }, d, best);
    }
    const copied = choose(blocks, copy as number, 5).flatMap(({ i, j, gain }) => [i, j, gain]);
    assert.equal(copied, rest, 'a copy goes on by itself');
    const at = kernels.pair_matrix(state.search);
    assert.ok(difference(matrixAt(at, d), w) < 1e-13);
    const counts = blocks.take(24);
    kernels.pair_counts(state.search, counts);
    assert.is(doubles(counts, 1)[0], touched, 'pairs that were looked at');
  }));

test('rows one by one: bounds of the pairs of p alone are those of p and q together', () =>
  withBlocks((blocks) => {
    const d = 19;
    const u = haarLike(d, 3);
    const [one, two] = [begin(blocks, u, L1, 9), begin(blocks, u, L1, 9)];
    for (const { search, work, closer } of [one])
      for (const p of [4, 12]) kernels.pair_bounds_f64(search, p, -1, 0, d, 0.1, work, closer);
    kernels.pair_bounds_f64(two.search, 4, 12, 0, d, 0.1, two.work, two.closer);
    assert.equal(gainsOf(one.search, d), gainsOf(two.search, d));
    kernels.pair_ready(one.search);
    kernels.pair_ready(two.search);
    assert.equal(choose(blocks, one.search, 4), choose(blocks, two.search, 4));
  }));

test('equal gains: the first pair in lexicographic order, also after turns; nothing gains where nothing can', () =>
  withBlocks((blocks) => {
    const state = begin(blocks, hadamard(16), L1);
    assert.equal(choose(blocks, state.search, 3).map(({ i, j }) => [i, j]), [[0, 1], [0, 2], [0, 3]]); // biome-ignore format: short
    assert.equal(choose(blocks, state.search, 3, true).map(({ i, j }) => [i, j]), [[0, 1], [2, 3], [4, 5]]); // biome-ignore format: short
    turn(state, 16, choose(blocks, state.search, 1)[0]);
    assert.equal(
      choose(blocks, state.search, 1).map(({ i, j }) => [i, j]),
      [[2, 3]],
    );
    // The trace of -I: a turn by nothing leaves all gains equal.
    const minus = planted(6, 0, 1).map((row) => row.map((v) => -v));
    const greedy = begin(blocks, minus, TRACE);
    turn(greedy, 6, { i: 4, j: 5, c: 1, s: 0 });
    assert.equal(choose(blocks, greedy.search, 2).map(({ i, j }) => [i, j]), [[0, 1], [0, 2]]); // biome-ignore format: short
    turn(greedy, 6, { i: 1, j: 2, c: 1, s: 0 });
    assert.equal(
      choose(blocks, greedy.search, 1).map(({ i, j }) => [i, j]),
      [[0, 1]],
    );
    const flat = begin(blocks, planted(7, 0, 1), L1);
    assert.equal(choose(blocks, flat.search, 5), []);
    assert.is(flat.count, 0, 'lengths exclude all pairs of a permutation');
  }));

test.run();
