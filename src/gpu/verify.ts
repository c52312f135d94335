// Checks known products, because a lost context or a broken driver may return zeros instead of an error.

import { DeviceError } from '../core/errors.js';
import type { Backend } from './backend.js';

const M = 5;
const N = 6;
const K = 7;

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
      const product = { batches: 1, m: M, n: N, k: K, transposeA, transposeB, aBatch: zero, bBatch: zero };
      const c = backend.multiply(a, b, product);
      try {
        const values = await backend.read(c);
        for (let i = 0; i < M; i++) {
          for (let j = 0; j < N; j++) {
            let wanted = 0;
            for (let p = 0; p < K; p++) wanted += entryA(i, p) * entryB(p, j);
            if (values[i * N + j] !== wanted) {
              throw new DeviceError(
                `gpu.init: ${backend.info.adapter} (${backend.info.backend}) computes wrongly: ` +
                  `entry ${i}, ${j} of a test product is ${values[i * N + j]}, not ${wanted}`,
              );
            }
          }
        }
      } finally {
        for (const resident of [a, b, c]) resident.release();
      }
    }
  }
}
