// The kernels cone_…: with blocks of exactly the bytes that the queries say, that grow by no more than is asked for, row by row, they find
// the rays of known cones in every order, and nothing behind the blocks changes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cones as api, scope, tensor } from '#src/index.js';
import * as kernels from '#src/kernels.js';
import { crossPolytope, cutCone, distanceOfSets, permutahedron, rowsOf, unit } from '../support/cones.js';

const GUARD = 0xa5;
const BEHIND = 64;

/** Blocks of exactly so many bytes, with a guard behind each. */
class Blocks {
  readonly #all: { address: number; bytes: number }[] = [];

  take(bytes: number, fill = 0x5a): number {
    const address = kernels.alloc(bytes + BEHIND);
    const view = new Uint8Array(kernels.wasmMemory().buffer, address, bytes + BEHIND);
    view.fill(fill, 0, bytes).fill(GUARD, bytes);
    this.#all.push({ address, bytes });
    return address;
  }

  numbers(values: readonly number[]): number {
    const address = this.take(8 * values.length);
    kernels.f64(address, values.length).set(values);
    return address;
  }

  check(): void {
    for (const { address, bytes } of this.#all) {
      const behind = new Uint8Array(kernels.wasmMemory().buffer, address + bytes, BEHIND);
      assert.ok(
        behind.every((byte) => byte === GUARD),
        `a block of ${bytes} bytes`,
      );
    }
  }

  free(): void {
    for (const { address } of this.#all) kernels.free(address);
  }
}

interface Problem {
  A: number[][];
  b?: number[];
  E?: number[][];
  e?: number[];
  n: number;
}

// Numbers of the header, as assembly/cones/float/state.ts lists them.
const FIELD = { fixed: 5, rank: 6, empty: 7, next: 9, live: 10, wanted: 12, vertices: 27 };
const EXTRA = { capacity: 17, free: 18, edgeCapacity: 19, edgesFree: 20 };

function enumerated({ A, b, E = [], e = [], n }: Problem, order: number) {
  const blocks = new Blocks();
  try {
    const [m, k] = [A.length, E.length];
    const state = blocks.take(kernels.cone_state_work(m, k, n));
    const field = (name: keyof typeof FIELD | keyof typeof EXTRA) =>
      new Int32Array(kernels.wasmMemory().buffer, state, 32)[{ ...FIELD, ...EXTRA }[name]];
    const data = [A.flat(), b ?? [], E.flat(), e].map((part) => blocks.numbers(part));
    const [a, right, equalities, sides] = data;
    kernels.cone_begin_f64(state, m, k, n, b === undefined ? 0 : 1, order, 1e-9, a, right, equalities, sides);
    const dimension = field('rank') + (b === undefined ? 0 : 1);
    const growRays = (by: number) => {
      const capacity = field('capacity') + by - field('free');
      kernels.cone_move_rays(state, blocks.take(kernels.cone_rays_work(state, capacity)), capacity);
    };
    const growEdges = (by: number) => {
      const capacity = field('edgeCapacity') + by - field('edgesFree');
      kernels.cone_move_edges(state, blocks.take(kernels.cone_edges_work(capacity)), capacity);
    };
    growRays(dimension);
    growEdges((dimension * (dimension - 1)) / 2);
    const reasons = new Set<number>();
    let rows = field('next');
    for (let reason = -1, calls = 0; reason !== 0; calls++) {
      assert.ok(calls < 1e4, 'it goes on');
      reason = kernels.cone_insert_f64(state, 1, 2 ** 31 - 1);
      reasons.add(reason);
      if (reason === 1) growRays(field('wanted'));
      else if (reason === 2) growEdges(field('wanted'));
      else {
        assert.ok(field('next') <= Math.max(rows, dimension) + 1, 'one row at a time');
        rows = field('next');
      }
      blocks.check();
    }
    const [live, vertices] = [field('live'), field('vertices')];
    const l = n - field('fixed') - field('rank');
    const words = Math.ceil((m + 1) / 32);
    const incidence = blocks.take(4 * words * live);
    kernels.cone_incidence(state, incidence, words);
    const lists = [vertices, live - vertices, l].map((count) => ({ count, at: blocks.take(8 * count * n) }));
    const wrong = kernels.cone_finish_f64(state, lists[0].at, lists[1].at, lists[2].at, 1);
    blocks.check();
    const read = ({ count, at }: { count: number; at: number }) => {
      const numbers = Array.from(kernels.f64(at, count * n));
      return Array.from({ length: count }, (_, i) => numbers.slice(i * n, (i + 1) * n));
    };
    const bits = Array.from(new Uint32Array(kernels.wasmMemory().buffer, incidence, words * live));
    const tight = Array.from({ length: live }, (_, ray) =>
      Array.from({ length: m + 1 }, (_unused, row) => (bits[ray * words + (row >> 5)] >>> (row & 31)) & 1),
    );
    const [points, rays, lineality] = lists.map(read);
    return { points, rays, lineality, wrong, tight, reasons };
  } finally {
    blocks.free();
  }
}

const CONES: [string, number[][], number][] = [
  ['a permutahedron', permutahedron(5), 120],
  ['a cross-polytope, 128 rows', crossPolytope(7), 14],
  ['the cut cone of 5 points', cutCone(5), 40],
];

for (const [name, A, count] of CONES) {
  for (const order of [0, 1, 2, 3]) {
    test(`cone_insert: ${name}, order ${order}`, () => {
      const n = A[0].length;
      const found = enumerated({ A, n }, order);
      assert.equal([found.rays.length, found.points.length, found.wrong], [count, 0, 0]);
      assert.ok(found.reasons.has(1) && found.reasons.has(4), 'it grew, and paused');
      scope(() => {
        const want = rowsOf(api.doubleDescription(tensor(A)).rays);
        assert.ok(distanceOfSets(found.rays, want) < 1e-14);
      });
      // The incidence is what the numbers say.
      found.rays.forEach((ray, i) => {
        A.forEach((a, row) => {
          const slack = a.reduce((sum, x, j) => sum + x * ray[j], 0);
          assert.is(found.tight[i][row], Math.abs(slack) < 1e-10 ? 1 : 0);
        });
      });
    });
  }
}

test('cone_finish: vertices, rays, and a lineality space beside equalities', () => {
  // A half-strip in the plane x_2 = 5 of R^4, with x_3 free: 0 <= x_0 <= 2, x_1 >= 1.
  const A = [
    [-1, 0, 0, 0],
    [1, 0, 0, 0],
    [0, -3, 0, 0],
  ];
  const found = enumerated({ A, b: [0, 2, -3], E: [[0, 0, 2, 0]], e: [10], n: 4 }, 0);
  const close = (got: number[][], want: number[][]) => assert.ok(distanceOfSets(got, want) < 1e-14);
  close(found.points, [
    [0, 1, 5, 0],
    [2, 1, 5, 0],
  ]);
  close(found.rays, [[0, 1, 0, 0]]);
  close(
    found.lineality.map((v) => v.map(Math.abs)),
    [[0, 0, 0, 1]],
  );
  assert.is(found.wrong, 0);
  assert.equal(
    found.tight.map((rows) => rows[3]),
    [0, 0, 1],
    'only the ray is on the homogenising row',
  );
});

test('cone_span: an orthonormal basis of the rows', () => {
  const blocks = new Blocks();
  try {
    const n = 5;
    const A = [
      [1, 2, 0, 0, 0],
      [0, 0, 3, 0, 4],
    ];
    const state = blocks.take(kernels.cone_state_work(2, 0, n));
    kernels.cone_begin_f64(state, 2, 0, n, 0, 3, 1e-9, blocks.numbers(A.flat()), 0, 0, 0);
    const span = blocks.take(8 * 2 * n);
    kernels.cone_span_f64(state, span);
    blocks.check();
    const numbers = Array.from(kernels.f64(span, 2 * n));
    const rows = [numbers.slice(0, n), numbers.slice(n)].map((row) => unit(row.map(Math.abs)));
    assert.ok(distanceOfSets(rows, A.map(unit)) < 1e-15);
  } finally {
    blocks.free();
  }
});

test.run();
