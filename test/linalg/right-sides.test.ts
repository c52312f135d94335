// Right sides of a broadcast batch: every system met once, in the fewest calls, and every solver the same as a loop.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linalg, SingularMatrixError, scope, type Tensor, tensor } from '#src/index.js';
import { forEachPiece, type Piece } from '#src/linalg/dense/right-sides.js';
import { EPSILON, near, numbers, property, rejects } from '../support/check.js';
import { positiveDefinite } from '../support/residuals.js';

const sizeOf = (shape: readonly number[]) => shape.reduce((p, q) => p * q, 1);

/** The number of the element of `shape` that meets element `index` of the broadcast shape `to`. */
function meets(shape: readonly number[], to: readonly number[], index: number): number {
  let [rest, step, at] = [index, 1, 0];
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const extent = shape[axis - to.length + shape.length] ?? 1;
    if (extent !== 1) at += (rest % to[axis]) * step;
    rest = Math.floor(rest / to[axis]);
    step *= extent;
  }
  return at;
}

const piecesOf = (a: readonly number[], batch: readonly number[]) => {
  const pieces: Piece[] = [];
  forEachPiece(a, batch, (piece) => pieces.push(piece));
  return pieces;
};

test('pieces meet every system of a broadcast batch once, with its matrix', () => {
  const axis = fc.record({ extent: fc.integer({ min: 0, max: 5 }), repeats: fc.boolean() });
  property(
    fc.record({ axes: fc.array(axis, { maxLength: 5 }), dropped: fc.nat(5) }),
    ({ axes, dropped }) => {
      const batch = axes.map(({ extent }) => extent);
      const full = axes.map(({ extent, repeats }) => (repeats ? 1 : extent));
      const lead = full.findIndex((extent) => extent !== 1);
      const a = full.slice(Math.min(dropped, lead < 0 ? full.length : lead));
      const matrices = new Map<number, number>();
      for (const piece of piecesOf(a, batch)) {
        for (let i = 0; i < piece.batch; i++) {
          const side = piece.side + i * piece.sideStride;
          assert.not(matrices.has(side), `side ${side} twice`);
          matrices.set(side, piece.matrix + i * piece.matrixStride);
        }
      }
      assert.is(matrices.size, sizeOf(batch));
      for (const [side, matrix] of matrices) assert.is(matrix, meets(a, batch, side));
    },
    500,
  );
});

test('the calls are as many as the axes beside the longest one need', () => {
  for (const [a, batch, calls] of [
    [[1000, 1], [1000, 2], 2],
    [[2, 1], [2, 1000], 2],
    [[1000], [2, 1000], 2],
    [[100, 1, 3], [100, 4, 3], 12],
    [[30, 1, 1, 5], [30, 2, 2, 5], 20],
    [[20, 50], [20, 50], 1],
    [[], [20, 50], 1],
    [[1, 1], [20, 50], 1],
    [[3, 0], [3, 0], 0],
    [[], [], 1],
  ]) {
    assert.is(piecesOf(a as number[], batch as number[]).length, calls, `${a} in ${batch}`);
  }
});

const N = 5;
/** Matrix and side strides of 0, 1 and more, along first, middle and last axes. */
const BATCHES: [number[], number[]][] = [
  [[7, 1], [2]],
  [
    [2, 1],
    [1, 7],
  ],
  [
    [7, 1, 2],
    [3, 1],
  ],
  [
    [2, 1, 6],
    [2, 3, 1],
  ],
  [
    [4, 1, 2, 1],
    [1, 3, 1, 2],
  ],
  [[1], [3, 2]],
  [[3, 2], []],
  [[0], [2, 1]],
];

for (const dtype of ['f64', 'f32'] as const) {
  const stackOf = (batch: number[], tail: number[], seed: number) => {
    const shape = [...batch, ...tail];
    return tensor(numbers(sizeOf(shape), seed), { shape, dtype });
  };
  const definite = (batch: number[]) =>
    tensor(Array.from({ length: sizeOf(batch) }, (_, i) => positiveDefinite(N, dtype, i + 3)).flat(), {
      shape: [...batch, N, N],
      dtype,
    });
  /** Makes matrices, as a list of tensors whose last axes have these lengths, and solves with them. */
  const solvers: Record<
    string,
    { make: (batch: number[]) => Tensor[]; tails: number[]; solve: (parts: Tensor[], b: Tensor) => Tensor }
  > = {
    solve: {
      make: (batch) => [stackOf(batch, [N, N], 1)],
      tails: [2],
      solve: ([a], b) => linalg.solve(a, b),
    },
    'solve positive definite': {
      make: (batch) => [definite(batch)],
      tails: [2],
      solve: ([a], b) => linalg.solve(a, b, { assume: 'positiveDefinite' }),
    },
    'lu, transposed': {
      make: (batch) => [stackOf(batch, [N, N], 2)],
      tails: [2],
      solve: ([a], b) => {
        using f = linalg.factor(a, { kind: 'lu' });
        return f.solveTranspose(b);
      },
    },
    qr: {
      make: (batch) => [stackOf(batch, [N, N], 3)],
      tails: [2],
      solve: ([a], b) => {
        using f = linalg.factor(a, { kind: 'qr' });
        return f.solve(b);
      },
    },
    ldlt: {
      make: (batch) => [stackOf(batch, [N, N], 4)],
      tails: [2],
      solve: ([a], b) => {
        using f = linalg.ldlt(a);
        return f.solve(b);
      },
    },
    solveTriangular: {
      make: (batch) => [definite(batch)],
      tails: [2],
      solve: ([a], b) => linalg.solveTriangular(a, b, { lower: false, transpose: true }),
    },
    solveTridiagonal: {
      make: (batch) => [stackOf(batch, [N - 1], 5), stackOf(batch, [N], 6), stackOf(batch, [N - 1], 7)],
      tails: [1, 1, 1],
      solve: ([lower, diagonal, upper], b) => linalg.solveTridiagonal(lower, diagonal, upper, b),
    },
    solveBanded: {
      make: (batch) => [stackOf(batch, [4, N], 8)],
      tails: [2],
      solve: ([bands], b) => linalg.solveBanded(bands, { lower: 2, upper: 1 }, b),
    },
    solveDiagonal: {
      make: (batch) => [stackOf(batch, [N], 9)],
      tails: [1],
      solve: ([d], b) => linalg.solveDiagonal(d, b),
    },
  };
  for (const [name, { make, tails, solve }] of Object.entries(solvers)) {
    test(`${name} in ${dtype}: a broadcast batch is a loop over its systems`, () => {
      for (const [ba, bb] of BATCHES) {
        scope(() => {
          const parts = make(ba);
          const b = stackOf(bb, [N, 2], 10);
          const x = solve(parts, b);
          const batch = x.shape.slice(0, -2);
          assert.equal(x.shape.slice(-2), [N, 2]);
          for (let i = 0; i < sizeOf(batch); i++) {
            const single = (t: Tensor, tail: number) => {
              const shape = t.shape.slice(t.ndim - tail);
              const at = meets(t.shape.slice(0, t.ndim - tail), batch, i) * sizeOf(shape);
              return tensor(t.data().slice(at, at + sizeOf(shape)), { shape, dtype });
            };
            const want = solve(
              parts.map((part, p) => single(part, tails[p])),
              single(b, 2),
            ).data();
            const largest = Math.max(...want.map(Math.abs));
            const got = x.data().subarray(i * 2 * N, (i + 1) * 2 * N);
            near(got, want, 100 * EPSILON[dtype] * largest, `${ba} with ${bb}, system ${i}`);
          }
        });
      }
    });
  }
}

test('the singular matrix of a batch is named, whatever meets it', () =>
  scope(() => {
    // Different places, since a kernel leaves the number of the matrix in a workspace that the next one gets again.
    for (const place of [5, 2, 6]) {
      const diagonal = tensor(numbers(42, 1), { shape: [7, 1, 2, 3] });
      diagonal.data().fill(0, place * 6 + 3, place * 6 + 6);
      const off = tensor(new Float64Array(28), { shape: [7, 1, 2, 2] });
      const bands = tensor(diagonal.data(), { shape: [7, 1, 2, 1, 3] });
      const b = tensor(numbers(9, 2), { shape: [3, 1, 3, 1] });
      const solvers = [
        () => linalg.solveTridiagonal(off, diagonal, off, b),
        () => linalg.solveBanded(bands, { lower: 0, upper: 0 }, b),
      ];
      const message = RegExp(`matrix \\[${place}, 0, 1\\] is singular: pivot 0 is 0`);
      for (const solve of place === 2 ? solvers.reverse() : solvers)
        rejects(solve, SingularMatrixError, message);
    }
  }));

test.run();
