// Checks known products and sums of rows, because a lost context or a broken driver may return zeros instead of an error.

import { DeviceError } from '../core/errors.js';
import type { Backend, DeviceBuffer } from './backend.js';

const M = 9;
const N = 12;
const K = 10;

/** Multiplies small integers with all four combinations of transposes and compares exactly; f32 holds every sum. */
export async function verifyBackend(backend: Backend): Promise<void> {
  const entryA = (i: number, p: number) => ((3 * i + 5 * p) % 7) - 2;
  const entryB = (p: number, j: number) => ((2 * p + 7 * j) % 5) - 1;
  const matrix = (rows: number, cols: number, entry: (i: number, j: number) => number) =>
    Float32Array.from({ length: rows * cols }, (_, at) => entry(Math.floor(at / cols), at % cols));
  const zero = new Float32Array(1);
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const a = transposeA
        ? backend.upload(
            matrix(K, M, (p, i) => entryA(i, p)),
            { batches: 1, rows: K, cols: M },
          )
        : backend.upload(matrix(M, K, entryA), { batches: 1, rows: M, cols: K });
      const b = transposeB
        ? backend.upload(
            matrix(N, K, (j, p) => entryB(p, j)),
            { batches: 1, rows: N, cols: K },
          )
        : backend.upload(matrix(K, N, entryB), { batches: 1, rows: K, cols: N });
      const product = {
        ...{ batches: 1, m: M, n: N, k: K, transposeA, transposeB, aBatch: zero, bBatch: zero },
        ...{ alpha: 1, beta: 0, portable: false },
      };
      await compare(backend, 'a test product', [a, b], backend.multiply(a, b, product), (i, j) => {
        let wanted = 0;
        for (let p = 0; p < K; p++) wanted += entryA(i, p) * entryB(p, j);
        return wanted;
      });
    }
  }
  // Row i := 2 a_{M-1-i} - a_i.
  const rows = Array.from({ length: M }, (_, i) => i);
  const none = rows.map(() => -1);
  const source = backend.upload(matrix(M, N, entryA), { batches: 1, rows: M, cols: N });
  const sums = backend.combineRows(source, {
    indices: Float32Array.from([...rows.toReversed(), ...rows, ...none, ...none]),
    weights: Float32Array.from([...rows.map(() => 2), ...none, ...none, ...none]),
  });
  const wanted = (i: number, j: number) => 2 * entryA(M - 1 - i, j) - entryA(i, j);
  await compare(backend, 'a test sum of rows', [source], sums, wanted);
}

/** Throws unless every entry of the result is as wanted; releases it and what it was computed from. */
async function compare(
  backend: Backend,
  what: string,
  sources: readonly DeviceBuffer[],
  result: DeviceBuffer,
  wanted: (i: number, j: number) => number,
): Promise<void> {
  try {
    const values = await backend.read(result);
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        if (values[i * N + j] !== wanted(i, j)) {
          throw new DeviceError(
            `gpu.init: ${backend.info.adapter} (${backend.info.backend}) computes wrongly: ` +
              `entry ${i}, ${j} of ${what} is ${values[i * N + j]}, not ${wanted(i, j)}`,
          );
        }
      }
    }
  } finally {
    for (const resident of [...sources, result]) resident.release();
  }
}
