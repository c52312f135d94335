// Sweeps that choose every angle anew, with the pairs and all other angles fixed.
import { allocateBytes, releaseBytes, runtime } from '../core/runtime.js';
import type { Tensor } from '../core/tensor.js';
import { givens } from '../generated/givens.js';
import { Alignment } from './search/alignment.js';
import type { Sequence } from './search/sequence.js';
import { rootOf } from './search/settings.js';

/** What a refinement ends with: the error, and P. */
export interface Refined {
  readonly error: number;
  readonly permutation: Int32Array;
  readonly signs: Float64Array;
}

/**
 * Sets the angles of the sequence, one after the other, to the best for ‖U - Û‖_F with all others fixed, then P, and so on for `sweeps` sweeps or until
 * one gains nothing. `matrix`: memory for a matrix of the kernels, whose contents are lost. The error never grows.
 */
export function refineAngles(
  name: string,
  U: Tensor,
  sequence: Sequence,
  start: Refined,
  sweeps: number,
  matrix: number,
): Refined {
  const d = U.shape[0];
  const pitch = givens.exports.givens_pitch(d);
  const count = sequence.length;
  const blocks: number[] = [];
  const take = (bytes: number): number => {
    const address = allocateBytes(bytes, name);
    blocks.push(address);
    return address;
  };
  let best = start;
  try {
    const [pairs, turns, permutation, signs] = [8 * count, 16 * count, 4 * d, 8 * d].map(take);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      writeSequence(sequence, pairs, turns);
      writeTurnedBack(U, best, matrix, pitch);
      givens.exports.refine_sweep_f64(d, matrix, count, pairs, turns);
      const alignment = new Alignment(name, d, matrix, pitch);
      try {
        const error = alignment.distance() / rootOf(d);
        if (!(error < best.error)) break;
        alignment.write(permutation, signs);
        best = composed(error, permutation, signs, best);
      } finally {
        alignment.release();
      }
      const found = new Float64Array(runtime().memory.buffer, turns, 2 * count);
      for (let t = 0; t < count; t++) {
        sequence.c[t] = found[2 * t];
        sequence.s[t] = found[2 * t + 1];
      }
    }
    return best;
  } finally {
    for (const address of blocks) releaseBytes(address);
  }
}

function writeSequence({ i, j, c, s }: Sequence, pairs: number, turns: number): void {
  const { buffer } = runtime().memory;
  const [planes, angles] = [
    new Int32Array(buffer, pairs, 2 * i.length),
    new Float64Array(buffer, turns, 2 * i.length),
  ];
  for (let t = 0; t < i.length; t++) {
    planes[2 * t] = i[t];
    planes[2 * t + 1] = j[t];
    angles[2 * t] = c[t];
    angles[2 * t + 1] = s[t];
  }
}

/** X := U Pᵀ, whose column permutation[c] is signs[c] times column c of U. */
function writeTurnedBack(U: Tensor, { permutation, signs }: Refined, matrix: number, pitch: number): void {
  const d = U.shape[0];
  const X = new Float64Array(runtime().memory.buffer, matrix, d * pitch).fill(0);
  const from = U.data();
  for (let r = 0; r < d; r++)
    for (let c = 0; c < d; c++) X[r * pitch + permutation[c]] = signs[c] * from[r * d + c];
}

/** Q P for the signed permutation Q that has been written and the one before it. */
function composed(
  error: number,
  permutation: number,
  signs: number,
  { permutation: P, signs: S }: Refined,
): Refined {
  const d = P.length;
  const { buffer } = runtime().memory;
  const [rows, flips] = [new Int32Array(buffer, permutation, d), new Float64Array(buffer, signs, d)];
  return { error, permutation: P.map((p) => rows[p]), signs: S.map((s, c) => s * flips[P[c]]) };
}
