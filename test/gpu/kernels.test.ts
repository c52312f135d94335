// The frozen kernels: they are in the language that gpu.js translates, and in plain JavaScript they multiply.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as kernels from '#src/generated/gpu-kernels.js';
import { integers, product } from './reference.js';

type Kernel = (this: { thread: { x: number; y: number; z: number } }, ...args: unknown[]) => number[];

const frozen = kernels as Record<string, string>;

/** A frozen kernel as a function of this engine. */
function thaw(name: string): Kernel {
  return new Function(`return ${frozen[name]}`)() as Kernel;
}

/** Rows of a matrix; reading past the end gives zeros, where a device would clamp. */
function rowsOf(values: Float32Array, rows: number, cols: number): number[][] {
  return Array.from({ length: rows + 4 }, (_, i) =>
    Array.from({ length: cols + 4 }, (_, j) => (i < rows && j < cols ? values[i * cols + j] : 0)),
  );
}

/** The same matrix in texels of four columns; the padding is NaN, which must reach no result. */
function texelsOf(values: Float32Array, rows: number, cols: number): number[][][] {
  return Array.from({ length: rows + 4 }, (_, i) =>
    Array.from({ length: Math.ceil(cols / 4) }, (_, x) =>
      [0, 1, 2, 3].map((lane) =>
        i < rows && 4 * x + lane < cols ? values[i * cols + 4 * x + lane] : Number.NaN,
      ),
    ),
  );
}

test('every kernel is a plain function without what gpu.js cannot translate', () => {
  const names = Object.keys(frozen).sort();
  assert.equal(names, [
    'combineRowsBuffers',
    'combineRowsTexels',
    'convolvePlanes',
    'lorenz96Step',
    'mapElements',
    'matmulBuffersNN',
    'matmulBuffersNT',
    'matmulBuffersTN',
    'matmulBuffersTT',
    'multiplyTexels',
    'multiplyTexelsByTransposed',
    'reduceParts',
    'reduceRows',
    'sinkhornColumns',
    'sinkhornRows',
    'transportPlan',
    'transposeTexels',
    'zipElements',
  ]);
  for (const name of names) {
    assert.match(frozen[name], new RegExp(`^function ${name}\\(`));
    assert.not.match(frozen[name], /=>|\?\.|\bbreak\b|\bcontinue\b|\bwhile\b|\/\/|\/\*/);
  }
});

const [m, n, k] = [5, 6, 11];
const a = integers(m * k, 21);
const b = integers(k * n, 22);
const transposed = (values: Float32Array, rows: number, cols: number) =>
  Float32Array.from({ length: values.length }, (_, at) => values[(at % rows) * cols + Math.floor(at / rows)]);
const wanted = product(
  m,
  n,
  k,
  (i, p) => a[i * k + p],
  (p, j) => b[p * n + j],
).values;

function check(kernel: Kernel, args: unknown[]): void {
  for (let y = 0; y < m; y++) {
    for (let x = 0; x < Math.ceil(n / 4); x++) {
      const four = kernel.call({ thread: { x, y, z: 0 } }, ...args);
      for (let lane = 0; lane < 4 && 4 * x + lane < n; lane++) {
        assert.is(four[lane], wanted[y * n + 4 * x + lane], `row ${y}, column ${4 * x + lane}`);
      }
    }
  }
}

for (const kind of ['NN', 'NT', 'TN', 'TT']) {
  test(`matmulBuffers${kind} in JavaScript`, () => {
    const left = kind[0] === 'T' ? rowsOf(transposed(a, m, k), k, m) : rowsOf(a, m, k);
    const right = kind[1] === 'T' ? rowsOf(transposed(b, k, n), n, k) : rowsOf(b, k, n);
    check(thaw(`matmulBuffers${kind}`), [[left], [right], [0], [0], Math.floor(k / 4), k % 4]);
  });
}

test('texel kernels in JavaScript', () => {
  const left = texelsOf(a, m, k);
  const rest = [[0], [0], Math.floor(k / 4), k % 4];
  check(thaw('multiplyTexels'), [[left], [texelsOf(b, k, n)], ...rest]);
  const flipped = texelsOf(transposed(b, k, n), n, k);
  check(thaw('multiplyTexelsByTransposed'), [[left], [flipped], ...rest]);
  const transpose = thaw('transposeTexels');
  for (let y = 0; y < k; y++) {
    for (let x = 0; x < Math.ceil(m / 4); x++) {
      const four = transpose.call({ thread: { x, y, z: 0 } }, [left]);
      for (let lane = 0; lane < 4 && 4 * x + lane < m; lane++) {
        assert.is(four[lane], a[(4 * x + lane) * k + y]);
      }
    }
  }
});

test('sums of rows in JavaScript', () => {
  // Row i is 2 a_{m-1-i} - a_i, and no other row counts.
  const indices = [
    [4, 3, 2, 1, 0],
    [0, 1, 2, 3, 4],
    [-1, -1, -1, -1, -1],
    [-1, -1, -1, -1, -1],
  ];
  const weights = [Array(m).fill(2), Array(m).fill(-1), Array(m).fill(Number.NaN), Array(m).fill(Number.NaN)];
  for (const [name, rows] of [
    ['combineRowsBuffers', rowsOf(a, m, k)],
    ['combineRowsTexels', texelsOf(a, m, k)],
  ] as const) {
    const kernel = thaw(name);
    for (let y = 0; y < m; y++) {
      for (let x = 0; x < Math.ceil(k / 4); x++) {
        const four = kernel.call({ thread: { x, y, z: 0 } }, [rows], indices, weights);
        for (let lane = 0; lane < 4 && 4 * x + lane < k; lane++) {
          const column = 4 * x + lane;
          assert.is(
            four[lane],
            2 * a[(m - 1 - y) * k + column] - a[y * k + column],
            `${name} ${y}, ${column}`,
          );
        }
      }
    }
  }
});

test.run();
