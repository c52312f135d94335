// join_planes, join_order; apply_turns_, turn_series_ and turn_moments_ on addresses: products of rotations in any strides, both orders, with a signed permutation, in place; their
// derivatives along directions, and the sums that a pullback needs. Nothing outside their memory is written.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givens } from '#src/generated/givens.js';
import { drawing, EPSILON, near, property } from '../support/check.js';
import { type Blocks, doubles, floats, integers, withBlocks } from '../support/givens/blocks.js';
import {
  identity,
  type Matrix,
  multiplied,
  rotation,
  signedPermutation,
  transposed,
  zerosOf,
} from '../support/givens/dense.js';
import { randomOrder, rotations } from '../support/givens/matrices.js';

type Float = 'f64' | 'f32';
const { exports: kernels } = givens;

/** Distances between elements of n x m matrices: rows, columns, matrices. */
function stridesOf(layout: number, n: number, m: number): [bs: number, rs: number, cs: number] {
  if (layout === 0) return [n * m, m, 1];
  if (layout === 1) return [n * m, 1, n];
  // With gaps.
  if (layout === 2) return [n * (m + 3) + 5, m + 3, 1];
  return [2 * n * m + 1, 2, 2 * n];
}

const place = (dtype: Float, { f64, f32 }: Blocks, values: ArrayLike<number>) =>
  dtype === 'f64' ? f64(values) : f32(values);
const view = (dtype: Float, at: number, count: number) => (dtype === 'f64' ? doubles : floats)(at, count);

const problem = fc.record({
  n: fc.integer({ min: 2, max: 35 }),
  m: fc.integer({ min: 0, max: 70 }),
  count: fc.integer({ min: 0, max: 40 }),
  batch: fc.integer({ min: 0, max: 3 }),
  layout: fc.integer({ min: 0, max: 3 }),
  to: fc.integer({ min: 0, max: 3 }),
  backward: fc.boolean(),
  ordered: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** G_t in the order of a list: rows p and q to (c p + s q, c q - s p) is G(p, q, α). */
function matrixOf(n: number, { i, j, angles }: ReturnType<typeof rotations>, backward: boolean): Matrix {
  // What comes first in the list is applied first, or with `backward` last.
  const factors = Array.from(angles, (a, t) => rotation(n, i[t], j[t], a));
  if (!backward) factors.reverse();
  return factors.reduce((g, factor) => multiplied(g, factor), identity(n));
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`apply_turns_${dtype}: the product in any layout, order and direction; nothing else changes`, () =>
    property(
      problem,
      ({ n, m, count, batch, layout, to, backward, ordered, seed }) =>
        withBlocks((blocks) => {
          const own = rotations(n, count, seed);
          const { permutation, signs } = randomOrder(n, seed);
          const [bsx, rsx, csx] = stridesOf(layout, n, m);
          const [bsy, rsy, csy] = stridesOf(to, n, m);
          const draw = drawing(seed + 1);
          const spanOf = (bs: number, rs: number, cs: number) =>
            batch * n * m === 0 ? 0 : (batch - 1) * bs + (n - 1) * rs + (m - 1) * cs + 1;
          const [sizeX, sizeY] = [spanOf(bsx, rsx, csx), spanOf(bsy, rsy, csy)];
          const x = place(dtype, blocks, Array.from({ length: sizeX }, draw));
          const y = place(dtype, blocks, new Float64Array(sizeY).fill(7));
          const before = Array.from(view(dtype, x, sizeX));
          const turns = place(
            dtype,
            blocks,
            Array.from(own.angles).flatMap((a) => [Math.cos(a), Math.sin(a)]),
          );
          const pairs = blocks.i32(Array.from(own.angles).flatMap((_, t) => [own.i[t], own.j[t]]));
          const work = blocks.take(kernels[`apply_turns_${dtype}_work`](n, m));
          const order = ordered ? [blocks.i32(permutation), blocks.f64(signs)] : [0, 0];
          kernels[`apply_turns_${dtype}`](
            ...([batch, n, m, count, pairs, turns, backward, order[0], order[1]] as const),
            ...([x, bsx, rsx, csx, y, bsy, rsy, csy, work] as const),
          );
          near(view(dtype, x, sizeX), before, 0, 'x stays');
          // Backward, P acts first: row k goes to row permutation[k]. Else the result goes back by Pᵀ.
          const g = matrixOf(n, own, backward);
          const p = ordered ? signedPermutation(permutation, signs) : identity(n);
          const whole = backward ? multiplied(g, p) : multiplied(transposed(p), g);
          const out = Array.from(view(dtype, y, sizeY));
          const seen = new Set<number>();
          for (let b = 0; b < batch; b++) {
            const matrix = zerosOf(n, m).map((row, r) =>
              row.map((_, c) => before[b * bsx + r * rsx + c * csx]),
            );
            multiplied(whole, matrix).forEach((row, r) => {
              row.forEach((want, c) => {
                const at = b * bsy + r * rsy + c * csy;
                seen.add(at);
                near([out[at]], [want], 8 * EPSILON[dtype] * (count + 8), `matrix ${b}, (${r}, ${c})`);
              });
            });
          }
          assert.ok(out.every((v, k) => seen.has(k) || v === 7), 'gaps stay'); // biome-ignore format: short
          // In place.
          if (layout === to) {
            kernels[`apply_turns_${dtype}`](
              ...([batch, n, m, count, pairs, turns, backward, order[0], order[1]] as const),
              ...([x, bsx, rsx, csx, x, bsx, rsx, csx, work] as const),
            );
            for (const at of seen) near([view(dtype, x, sizeX)[at]], [out[at]], 0, 'in place');
          }
        }),
      60,
    ));
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`apply_turns_${dtype}: rows that are whole lines are put in order where they lie, with the bits of other layouts`, () => {
    const draw = drawing(9);
    for (const n of [1, 2, 3, 7, 30])
      for (const m of [1, 8, 16, 48])
        for (const [name, permutation] of Object.entries({
          'none moves': Array.from({ length: n }, (_, k) => k),
          'one cycle': Array.from({ length: n }, (_, k) => (k + 1) % n),
          pairs: Array.from({ length: n }, (_, k) => ((k ^ 1) < n ? k ^ 1 : k)),
          any: randomOrder(n, n + m).permutation,
        }))
          for (const count of n === 1 ? [0] : [0, 12])
            withBlocks((blocks) => {
              const { signs } = randomOrder(n, m);
              const own = rotations(n, count, m + 1);
              const x = place(dtype, blocks, Array.from({ length: n * m }, draw));
              const before = Array.from(view(dtype, x, n * m));
              const y = place(dtype, blocks, new Float64Array(n * m));
              const apart = place(dtype, blocks, new Float64Array(2 * n * m));
              const list = Array.from(own.angles).flatMap((a) => [Math.cos(a), Math.sin(a)]);
              const pairs = blocks.i32(Array.from(own.angles).flatMap((_, t) => [own.i[t], own.j[t]]));
              const head = [1, n, m, count, pairs, place(dtype, blocks, list), true] as const;
              const order = [blocks.i32(permutation), blocks.f64(signs)] as const;
              const work = blocks.take(kernels[`apply_turns_${dtype}_work`](n, m));
              const call = kernels[`apply_turns_${dtype}`];
              call(...head, ...order, x, 0, m, 1, y, 0, m, 1, work);
              assert.equal(Array.from(view(dtype, x, n * m)), before, 'x stays');
              call(...head, ...order, x, 0, m, 1, apart, 0, 2, 2 * n, work);
              call(...head, ...order, x, 0, m, 1, x, 0, m, 1, work);
              for (let c = 0; c < n; c++)
                for (let k = 0; k < m; k++) {
                  const to = permutation[c];
                  const got = view(dtype, y, n * m)[to * m + k];
                  if (count === 0)
                    assert.is(got, signs[c] * before[c * m + k], `${name}, n = ${n}, m = ${m}`);
                  assert.is(view(dtype, apart, 2 * n * m)[2 * (to + n * k)], got, 'columns apart');
                  assert.is(view(dtype, x, n * m)[to * m + k], got, 'in place');
                }
            });
  });
}

/** The derivative of the product in factor t: its matrix by the one of α + π/2 that keeps other rows at 0. */
function slopeOf(n: number, i: number, j: number, angle: number, order: number): Matrix {
  const g = order === 0 ? identity(n) : zerosOf(n, n);
  const [c, s] = [Math.cos(angle + (order * Math.PI) / 2), Math.sin(angle + (order * Math.PI) / 2)];
  g[i][i] = g[j][j] = c;
  [g[i][j], g[j][i]] = [s, -s];
  return g;
}

/** The derivative of G_1 … G_N, or of its transpose, along directions: Σ over which direction meets which factor. */
function derivative(
  n: number,
  own: ReturnType<typeof rotations>,
  inverse: boolean,
  directions: number[][],
): Matrix {
  const total = zerosOf(n, n);
  const count = own.angles.length;
  const visit = (p: number, orders: number[], factor: number) => {
    if (factor === 0) return;
    if (p < directions.length) {
      for (let t = 0; t < count; t++)
        visit(
          p + 1,
          orders.map((o, k) => o + +(k === t)),
          factor * directions[p][t],
        );
      return;
    }
    const product = orders.reduce(
      (g, o, t) => multiplied(g, slopeOf(n, own.i[t], own.j[t], own.angles[t], o)),
      identity(n),
    );
    (inverse ? transposed(product) : product).forEach((row, r) => {
      row.forEach((v, c) => {
        total[r][c] += factor * v;
      });
    });
  };
  visit(0, new Array<number>(count).fill(0), 1);
  return total;
}

const small = fc.record({
  n: fc.integer({ min: 2, max: 6 }),
  m: fc.integer({ min: 1, max: 19 }),
  count: fc.integer({ min: 0, max: 5 }),
  order: fc.integer({ min: 0, max: 3 }),
  layout: fc.integer({ min: 0, max: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
  inverse: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

for (const dtype of ['f64', 'f32'] as const) {
  test(`turn_series_${dtype}, turn_moments_${dtype}: derivatives along up to three directions, and their sums`, () =>
    property(
      small,
      ({ n, m, count, order, layout, batch, inverse, seed }) =>
        withBlocks((blocks) => {
          const own = rotations(n, count, seed);
          const draw = drawing(seed + 3);
          const directions = Array.from({ length: order }, () => Array.from({ length: count }, draw));
          const [bs, rs, cs] = stridesOf(layout, n, m);
          const size = (batch - 1) * bs + (n - 1) * rs + (m - 1) * cs + 1;
          const x = place(dtype, blocks, Array.from({ length: size }, draw));
          const u = place(dtype, blocks, Array.from({ length: size }, draw));
          const y = place(dtype, blocks, new Float64Array(size).fill(7));
          const turns = blocks.f64(Array.from(own.angles).flatMap((a) => [Math.cos(a), Math.sin(a)]));
          const pairs = blocks.i32(Array.from(own.angles).flatMap((_, t) => [own.i[t], own.j[t]]));
          const list = blocks.f64(directions.flat());
          const work = blocks.take(kernels.turn_series_work(n, m, order));
          kernels[`turn_series_${dtype}`](
            batch,
            n,
            m,
            count,
            pairs,
            turns,
            order,
            list,
            inverse,
            x,
            bs,
            rs,
            cs,
            y,
            work,
          );
          const matrixAt = (at: number, b: number) =>
            zerosOf(n, m).map((row, r) => row.map((_, c) => view(dtype, at, size)[b * bs + r * rs + c * cs]));
          const D = derivative(n, own, inverse, directions);
          const bound = 40 * EPSILON[dtype] * (1 + count) ** order;
          for (let b = 0; b < batch; b++)
            near(matrixAt(y, b).flat(), multiplied(D, matrixAt(x, b)).flat(), bound, `matrix ${b}`);
          // <u, D_t x> for the unit direction of each angle beside the others.
          const sums = blocks.take(8 * count);
          kernels[`turn_moments_${dtype}`](
            batch,
            n,
            m,
            count,
            pairs,
            turns,
            order,
            list,
            inverse,
            u,
            x,
            bs,
            rs,
            cs,
            sums,
            work,
          );
          const want = Array.from({ length: count }, (_, t) => {
            const unit = Array.from({ length: count }, (_, k) => +(k === t));
            const E = derivative(n, own, inverse, [...directions, unit]);
            let sum = 0;
            for (let b = 0; b < batch; b++) {
              const image = multiplied(E, matrixAt(x, b)).flat();
              matrixAt(u, b)
                .flat()
                .forEach((v, k) => {
                  sum += v * image[k];
                });
            }
            return sum;
          });
          near(doubles(sums, count), want, 1e-12 * (1 + count) ** order * n * m, 'sums');
        }),
      40,
    ));
}

test('join_planes: pairs in their order, and the first plane that is none', () => {
  const [i, j] = [
    [0, 4, 2],
    [1, 0, 3],
  ];
  for (const [first, second, wrong] of [
    [i, j, -1],
    [[0, 5, 2], j, 1],
    [i, [1, 0, -1], 2],
    [[-2147483648, 4, 2], j, 0],
    [[0, 4, 3], j, 2],
  ] as const)
    withBlocks((blocks) => {
      const pairs = blocks.i32([-7, -7, -7, -7, -7, -7]);
      assert.is(kernels.join_planes(3, 5, blocks.i32([...first]), blocks.i32([...second]), pairs), wrong);
      const expected = [0, 1, 4, 0, 2, 3].map((index, k) => (wrong < 0 || k < 2 * wrong ? index : -7));
      assert.equal(Array.from(integers(pairs, 6)), expected);
    });
});

test('join_planes: every length, and one wrong plane at every place', () => {
  const d = 7;
  const wrongs = [
    [-1, 0],
    [0, -1],
    [d, 0],
    [0, d],
    [3, 3],
    [-2147483648, 1],
    [1, 2147483647],
  ] as const;
  for (let count = 0; count < 14; count++)
    for (let at = -1; at < count; at++)
      for (const wrong of at < 0 ? [[0, 0] as const] : wrongs)
        withBlocks((blocks) => {
          const planes = Array.from({ length: count }, (_, t) =>
            t === at ? wrong : ([t % d, (t + 1 + (t % 5)) % d] as const),
          );
          const pairs = blocks.i32(new Array(2 * count).fill(-7));
          const [i, j] = [0, 1].map((side) => blocks.i32(planes.map((plane) => plane[side])));
          assert.is(kernels.join_planes(count, d, i, j, pairs), at);
          const written = at < 0 ? count : at;
          const expected = planes.flatMap((plane, t) => (t < written ? [...plane] : [-7, -7]));
          assert.equal(Array.from(integers(pairs, 2 * count)), expected);
        });
});

test('join_order: a copy and the inverse, and one wrong place everywhere', () => {
  const d = 9;
  const { permutation, signs } = randomOrder(d, 3);
  const wrongs = (at: number) => [
    { row: -1, sign: 1 },
    { row: d, sign: 1 },
    { row: -2147483648, sign: 1 },
    { row: permutation[(at + d - 1) % d], sign: 1 },
    ...[0, 0.5, 2, Number.NaN, Number.POSITIVE_INFINITY].map((sign) => ({ row: permutation[at], sign })),
  ];
  for (let at = -1; at < d; at++)
    for (const wrong of at < 0 ? [undefined] : wrongs(at))
      withBlocks((blocks) => {
        const [rows, factors] = [Int32Array.from(permutation), Float64Array.from(signs)];
        if (wrong) [rows[at], factors[at]] = [wrong.row, wrong.sign];
        // A row that comes twice is wrong where it comes again.
        const again = wrong && at === 0 && wrong.row === permutation[d - 1] ? d - 1 : at;
        const [order, places] = [0, 1].map(() => blocks.i32(new Array(d + 1).fill(-7)));
        const copy = blocks.f64(new Array(d + 1).fill(-7));
        const got = kernels.join_order(
          d,
          blocks.i32([...rows]),
          blocks.f64([...factors]),
          order,
          copy,
          places,
        );
        assert.is(got, again);
        assert.equal(
          [integers(order, d + 1)[d], integers(places, d + 1)[d], doubles(copy, d + 1)[d]],
          [-7, -7, -7],
        );
        if (wrong) return;
        assert.equal(Array.from(integers(order, d)), Array.from(permutation));
        assert.equal(Array.from(doubles(copy, d)), Array.from(signs));
        const inverse = Array.from(permutation, (_, row) => Array.from(permutation).indexOf(row));
        assert.equal(Array.from(integers(places, d)), inverse);
      });
  withBlocks((blocks) =>
    assert.is(
      kernels.join_order(
        0,
        ...([0, 0, 0, 0, 0].map(() => blocks.take(8)) as [number, number, number, number, number]),
      ),
      -1,
    ),
  );
});

test.run();
