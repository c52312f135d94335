// The kernel adjacent_pairs: the edges of polytopes that are known (cubes, cross-polytopes, permutahedra, products of them), of any number of
// rows, rows given twice included; in pieces where the list of pairs is short; the bytes around its arguments stay.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate } from '#src/core/tensor.js';
import { cones as kernels } from '#src/generated/cones.js';
import { random, scope, tensor } from '#src/index.js';
import { seed } from '../support/check.js';

/** A polytope by its facets that hold with equality at each vertex, and when two vertices have an edge. */
interface Polytope {
  dimension: number;
  rows: number;
  tight: number[][];
  hasEdge: (p: number, n: number) => boolean;
}

function cube(n: number): Polytope {
  const tight = Array.from({ length: 2 ** n }, (_, v) =>
    Array.from({ length: n }, (_, i) => 2 * i + ((v >> i) & 1)),
  );
  const isPower = (x: number) => x !== 0 && (x & (x - 1)) === 0;
  return { dimension: n, rows: 2 * n, tight, hasEdge: (p, n) => isPower(p ^ n) };
}

function crossPolytope(n: number): Polytope {
  const facets = Array.from({ length: 2 ** n }, (_, k) => k);
  const tight = Array.from({ length: 2 * n }, (_, v) =>
    facets.filter((f) => ((f >> (v >> 1)) & 1) === (v & 1)),
  );
  return { dimension: n, rows: 2 ** n, tight, hasEdge: (p, n) => p >> 1 !== n >> 1 };
}

/** Facets are the proper subsets S of {0 … n - 1}: those in S come last. An edge exchanges two neighbours. */
function permutahedron(n: number): Polytope {
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((x) => orders(rest.filter((y) => y !== x)).map((tail) => [x, ...tail]));
  const vertices = orders(Array.from({ length: n }, (_, i) => i));
  const tight = vertices.map((v) =>
    Array.from({ length: n - 1 }, (_, k) => v.slice(k + 1).reduce((set, i) => set | (1 << i), 0) - 1),
  );
  const hasEdge = (p: number, n: number) => {
    const at = vertices[p].flatMap((x, i) => (x === vertices[n][i] ? [] : [i]));
    return at.length === 2 && at[1] === at[0] + 1;
  };
  return { dimension: n - 1, rows: 2 ** n - 2, tight, hasEdge };
}

function product(a: Polytope, b: Polytope): Polytope {
  const n = b.tight.length;
  const tight = a.tight.flatMap((s) => b.tight.map((t) => [...s, ...t.map((row) => a.rows + row)]));
  const hasEdge = (p: number, q: number) => {
    const [i, k, j, l] = [Math.floor(p / n), p % n, Math.floor(q / n), q % n];
    return i === j ? b.hasEdge(k, l) : k === l && a.hasEdge(i, j);
  };
  return { dimension: a.dimension + b.dimension, rows: a.rows + b.rows, tight, hasEdge };
}

/** The same with each row given `times` times. */
function repeated(a: Polytope, times: number): Polytope {
  const tight = a.tight.map((rows) =>
    rows.flatMap((row) => Array.from({ length: times }, (_, k) => row * times + k)),
  );
  return { ...a, rows: a.rows * times, tight };
}

const GUARD = 1234.5;

/** The pairs that the kernel finds, and how often it was called. */
function pairsOf(shape: Polytope, outer: number[], inner: number[], capacity: number) {
  return scope<{ pairs: number[][]; calls: number }>(() => {
    const { exports } = kernels;
    const count = shape.tight.length;
    const words = shape.rows <= 64 ? 1 : 2 * Math.ceil(shape.rows / 128);
    const sets = allocate([count * words], 'f64');
    const bits = new BigUint64Array(sets.data().buffer, sets.address, count * words).fill(0n);
    shape.tight.forEach((rows, k) => {
      for (const row of rows) bits[k * words + (row >> 6)] |= 1n << BigInt(row & 63);
    });
    const lists = [outer, inner].map((list) => tensor(list, { shape: [list.length], dtype: 'i32' }));
    const out = allocate([2 * capacity + 1], 'i32');
    out.data().fill(-7);
    const bytes = exports.adjacent_pairs_work(words, count);
    const work = allocate([Math.ceil(bytes / 8) + 1], 'f64');
    work.data().fill(GUARD);
    const pairs: number[][] = [];
    let calls = 0;
    let from = 0;
    do {
      calls++;
      const found = exports.adjacent_pairs(
        ...[words, shape.dimension + 1, sets.address, count],
        ...([lists[0].address, outer.length, lists[1].address, inner.length] as const),
        ...([from, out.address, capacity, work.address] as const),
      );
      assert.ok(found <= capacity);
      for (let k = 0; k < found; k++) pairs.push(Array.from(out.data().subarray(2 * k, 2 * k + 2)));
      const next = new Int32Array(work.data().buffer, work.address, 1)[0];
      assert.ok(next > from || outer.length === 0, 'it goes on');
      from = next;
    } while (from < outer.length);
    assert.is(out.data()[2 * capacity], -7, 'the number behind the pairs');
    assert.is(work.data()[work.size - 1], GUARD, 'the number behind the workspace');
    return { pairs, calls };
  });
}

const shapes: [string, Polytope][] = [
  ['a segment', cube(1)],
  ['a square', cube(2)],
  ['a cube in 6 dimensions', cube(6)],
  ['an octahedron', crossPolytope(3)],
  ['a cross-polytope with 64 rows', crossPolytope(6)],
  ['a cross-polytope with 128 rows', crossPolytope(7)],
  ['a cross-polytope with 256 rows', crossPolytope(8)],
  ['a permutahedron', permutahedron(5)],
  ['a prism over an octahedron', product(crossPolytope(3), cube(1))],
  ['octahedron times octahedron', product(crossPolytope(3), crossPolytope(3))],
  ['cross-polytope times cube, 76 rows', product(crossPolytope(6), cube(3))],
  ['permutahedron times octahedron', product(permutahedron(4), crossPolytope(3))],
  ['a cube with rows given 3 times', repeated(cube(4), 3)],
  ['a cross-polytope with rows given 9 times', repeated(crossPolytope(4), 9)],
];

for (const [name, shape] of shapes)
  test(`the edges of ${name}`, () => {
    const turn = Array.from(random(seed).permutation(shape.tight.length).data());
    for (const share of [0.5, 0.2]) {
      const cut = Math.ceil(share * turn.length);
      const outer = turn.slice(0, cut);
      const inner = turn.slice(cut, Math.max(cut + 1, Math.ceil(0.9 * turn.length)));
      const want = outer.flatMap((p) => inner.filter((n) => shape.hasEdge(p, n)).map((n) => `${p} ${n}`));
      const sorted = (pairs: number[][]) => pairs.map((pair) => pair.join(' ')).sort();
      const whole = pairsOf(shape, outer, inner, outer.length * inner.length);
      assert.equal(sorted(whole.pairs), want.sort(), `SEED=${seed}`);
      assert.is(whole.calls, 1);
      const pieces = pairsOf(shape, outer, inner, inner.length);
      assert.equal(pieces.pairs, whole.pairs);
    }
  });

test('without rays on one side there are no pairs', () => {
  assert.equal(pairsOf(cube(2), [0, 1], [], 0).pairs, []);
  assert.equal(pairsOf(cube(2), [], [0, 1], 2).pairs, []);
});

test.run();
