// Memory for kernels on addresses, of just the bytes that they ask for: nothing around it may change.
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { givens } from '#src/generated/givens.js';
import { alloc, free } from '#src/kernels.js';
import type { Matrix } from './dense.js';

/** Bytes of 0xa5 around each block. */
const GUARD = 64;

export interface Blocks {
  /** A block of so many bytes, which holds no zeros. */
  take(bytes: number): number;
  /** Numbers as doubles, floats or integers. */
  f64(values: ArrayLike<number>): number;
  f32(values: ArrayLike<number>): number;
  i32(values: ArrayLike<number>): number;
  /** A square matrix as the module's kernels take it. */
  matrix(a: Matrix): number;
}

export const doubles = (at: number, count: number) => new Float64Array(runtime().memory.buffer, at, count);
export const floats = (at: number, count: number) => new Float32Array(runtime().memory.buffer, at, count);
export const integers = (at: number, count: number) => new Int32Array(runtime().memory.buffer, at, count);
const bytesOf = (at: number, count: number) => new Uint8Array(runtime().memory.buffer, at, count);

/** The matrix at an address, of the module's pitch, whose padding must be zero. */
export function matrixAt(at: number, d: number): Matrix {
  const pitch = givens.exports.givens_pitch(d);
  return Array.from({ length: d }, (_, i) => {
    const row = Array.from(doubles(at + 8 * i * pitch, pitch));
    assert.ok(
      row.slice(d).every((v) => v === 0),
      'padding stays zero',
    );
    return row.slice(0, d);
  });
}

/** Calls `body` with blocks that are freed at the end; checks that nothing around them was touched. */
export function withBlocks(body: (blocks: Blocks) => void): void {
  const all: [address: number, bytes: number][] = [];
  const take = (bytes: number): number => {
    const address = alloc(bytes + 2 * GUARD);
    all.push([address, bytes]);
    bytesOf(address, bytes + 2 * GUARD).fill(0xa5);
    return address + GUARD;
  };
  const f64 = (values: ArrayLike<number>): number => {
    const at = take(8 * values.length);
    doubles(at, values.length).set(values);
    return at;
  };
  try {
    body({
      take,
      f64,
      f32(values) {
        const at = take(4 * values.length);
        floats(at, values.length).set(values);
        return at;
      },
      i32(values) {
        const at = take(4 * values.length);
        integers(at, values.length).set(values);
        return at;
      },
      matrix(a) {
        const pitch = givens.exports.givens_pitch(a.length);
        const at = take(givens.exports.givens_matrix_work(a.length));
        a.forEach((row, i) => {
          doubles(at + 8 * i * pitch, pitch).fill(0);
          doubles(at + 8 * i * pitch, row.length).set(row);
        });
        return at;
      },
    });
    for (const [address, bytes] of all)
      for (const from of [address, address + GUARD + bytes])
        assert.ok(
          bytesOf(from, GUARD).every((byte) => byte === 0xa5),
          `a kernel wrote outside a block of ${bytes} bytes`,
        );
  } finally {
    for (const [address] of all) free(address);
  }
}
