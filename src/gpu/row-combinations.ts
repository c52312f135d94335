// A sequence of plane rotations as few passes over a matrix: rotations that share no row make a wave, and two waves a pass, in which each
// row becomes a sum of at most four rows. P costs nothing: it is part of the first or the last pass.
import type { SignedPermutation } from '../core/rotation-list.js';
import type { RowSums } from './backend.js';

/** Rows that a pass adds up for each row of its result. */
const TERMS = 4;

/** Row i as a sum of rows: [index, weight] each. */
type Terms = readonly (readonly [number, number])[];

/** For each row of a result what it is made of. */
type Pass = Terms[];

/** Rows of `outer` in terms of what `inner` is made of; terms with the same row are added. */
function composed(outer: Pass, inner: Pass): Pass {
  return outer.map((terms) => {
    const sums = new Map<number, number>();
    for (const [row, w] of terms)
      for (const [from, v] of inner[row]) sums.set(from, (sums.get(from) ?? 0) + w * v);
    return [...sums];
  });
}

const identity = (d: number): Pass => Array.from({ length: d }, (_, i) => [[i, 1]]);

/** A list of rotations, as it is applied: (x_i, x_j) := (c x_i + s x_j, c x_j - s x_i), from the last factor on, or for Gᵀ from the first. */
export interface RotationList {
  readonly d: number;
  readonly pairs: Int32Array;
  /** (cos, sin) of each. */
  readonly turns: Float64Array;
  readonly P?: SignedPermutation;
  readonly transpose: boolean;
}

/** Waves of rotations that share no row: each rotation in the first wave behind those that its rows were in. */
function wavesOf({ d, pairs, turns, transpose }: RotationList): Pass[] {
  const next = new Int32Array(d);
  const waves: Pass[] = [];
  const count = pairs.length / 2;
  for (let step = 0; step < count; step++) {
    const t = transpose ? step : count - 1 - step;
    const [i, j] = [pairs[2 * t], pairs[2 * t + 1]];
    const [c, s] = [turns[2 * t], transpose ? -turns[2 * t + 1] : turns[2 * t + 1]];
    const wave = Math.max(next[i], next[j]);
    if (wave === waves.length) waves.push(identity(d));
    waves[wave][i] = [
      [i, c],
      [j, s],
    ];
    waves[wave][j] = [
      [j, c],
      [i, -s],
    ];
    next[i] = wave + 1;
    next[j] = wave + 1;
  }
  return waves;
}

/** P x, or Pᵀ x, as a pass. */
function permutationPass({ permutation, signs, places }: SignedPermutation, transpose: boolean): Pass {
  return Array.from(permutation, (row, i) =>
    transpose ? [[row, signs[i]] as const] : [[places[i], signs[places[i]]] as const],
  );
}

/** The passes of G_1 … G_N P, or of its transpose, in the order in which they are applied. */
export function rowCombinations(list: RotationList): RowSums[] {
  const { d, P, transpose } = list;
  const waves = wavesOf(list);
  const passes: Pass[] = [];
  for (let k = 0; k < waves.length; k += 2)
    passes.push(k + 1 < waves.length ? composed(waves[k + 1], waves[k]) : waves[k]);
  if (P !== undefined) {
    const order = permutationPass(P, transpose);
    if (passes.length === 0) passes.push(order);
    else if (transpose) passes[passes.length - 1] = composed(order, passes[passes.length - 1]);
    else passes[0] = composed(passes[0], order);
  }
  return passes.map((pass) => {
    const indices = new Float32Array(TERMS * d).fill(-1);
    const weights = new Float32Array(TERMS * d);
    pass.forEach((terms, i) => {
      terms.forEach(([row, weight], q) => {
        indices[q * d + i] = row;
        weights[q * d + i] = weight;
      });
    });
    return { indices, weights };
  });
}
