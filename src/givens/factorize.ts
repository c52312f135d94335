// Factorizations of an orthogonal matrix into few plane rotations.

import { ShapeError } from '../core/errors.js';
import { runtime, withWorkspace } from '../core/runtime.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { givens } from '../generated/givens.js';
import { eigh } from '../linalg/dense/eigh.js';
import {
  checkOrthogonal,
  checkSymmetric,
  type FactorizeOptions,
  type Settings,
  settingsOf,
  squareMatrix,
} from './arguments.js';
import { type Factorization, type Found, factorizationOf } from './factorization.js';
import { type Refined, refineAngles } from './refine.js';
import { Alignment } from './search/alignment.js';
import { Beam } from './search/beam.js';
import { descend } from './search/descend.js';
import { DisjointPairs } from './search/disjoint-pairs.js';
import { Elimination } from './search/elimination.js';
import { Jacobi } from './search/jacobi.js';
import { type Criterion, PairSearch } from './search/pair-search.js';
import type { Sequence } from './search/sequence.js';
import type { TurnSource } from './search/turn.js';

const NAME = 'factorize';

/**
 * An approximation Û = G_1 G_2 … G_N P of an orthogonal matrix by plane rotations and a signed permutation: U_0 = U and U_k = G_kᵀ U_{k-1}, until U_N is near P.
 * Source: Frerix and Bruna, Approximating Orthogonal Matrices with Effective Givens Factorization (ICML 2019): 'l1' is Algorithm 1 and Proposition 1,
 * 'elimination' has the order (2), 'jacobi' the objective (17); 'greedy' looks at all pairs, of which the authors' code takes those with the last row only.
 * @param U orthogonal [d, d], f64 or f32; for 'jacobi' a symmetric S = U Λ Uᵀ. The work is done in f64, and takes O(d²) for a factor of 'l1' (bounds
 * exclude nearly all pairs; `pairs` says how many were evaluated), O(d) of the others.
 * @returns pairs i < j (of 'elimination': the row of the entry that becomes 0, and that of its column's diagonal), angles, P, and the curve of errors.
 * Results have the same bits with any number of threads.
 * @throws ShapeError for what is no square matrix; DTypeError for i32; ArgumentError for NaN, an infinity, a U with |UᵀU - I| above 1e-6 or an S with
 * |S - Sᵀ| above 1e-9 of its largest entry, and for options; OutOfMemoryError.
 * @example
 * givens.factorize(U, { tolerance: 0.1 }).angles.size; // N_ε for ε = 0.1
 */
export function factorize(U: Tensor, options: FactorizeOptions = {}): Factorization {
  const matrix = squareMatrix(NAME, options?.method === 'jacobi' ? 'S' : 'U', U);
  try {
    const d = matrix.shape[0];
    const settings = settingsOf(d, options);
    if (settings.method === 'jacobi') return factorizationOf(d, diagonalized(matrix, settings));
    checkOrthogonal(NAME, 'U', matrix);
    return factorizationOf(d, searched(matrix, settings));
  } finally {
    if (matrix !== U) matrix.dispose();
  }
}

function searched(U: Tensor, settings: Settings): Found {
  const d = U.shape[0];
  if (settings.method === 'elimination') return descended(new Elimination(NAME, d, U.address), U, settings);
  const criterion = settings.method as Criterion;
  if (settings.beam > 1) return inBeam(criterion, U, settings);
  const most = settings.parallel ? Math.max(1, d >> 1) : 1;
  const search = new PairSearch(NAME, d, criterion, U.address, most);
  const found = descended(settings.parallel ? new DisjointPairs(search, d) : search, U, settings, () =>
    criterion === 'l1' ? { pairs: search.counts() } : {},
  );
  return found;
}

/** Takes turns of a source, which is released at the end; `more` reads what it has besides. */
function descended(
  source: TurnSource,
  U: Tensor,
  settings: Settings,
  more: (P: Refined) => Partial<Found> = () => ({}),
): Found {
  try {
    const d = U.shape[0];
    const alignment = new Alignment(NAME, d, source.matrix, givens.exports.givens_pitch(d));
    try {
      const { sequence, status } = descend(source, alignment, settings);
      const P = finished(U, sequence, alignment, settings, source.matrix);
      return { sequence, status, ...P, ...more(P) };
    } finally {
      alignment.release();
    }
  } finally {
    source.release();
  }
}

function inBeam(criterion: Criterion, U: Tensor, settings: Settings): Found {
  const d = U.shape[0];
  const pitch = givens.exports.givens_pitch(d);
  const beam = new Beam({ name: NAME, d, criterion, U: U.address, pitch }, settings.beam, settings);
  try {
    const { sequence, status, alignment, search } = beam.run();
    const pairs = criterion === 'l1' ? { pairs: search.counts() } : {};
    return { sequence, status, ...pairs, ...finished(U, sequence, alignment, settings, search.matrix) };
  } finally {
    beam.release();
  }
}

/** P of the last distance, and the error; both after the sweeps that were asked for, whose error ends the curve. */
function finished(
  U: Tensor,
  sequence: Sequence,
  alignment: Alignment,
  { refine }: Settings,
  matrix: number,
): Refined {
  const start: Refined = { error: sequence.errors.at(-1) as number, ...permutationOf(alignment) };
  if (refine === 0 || sequence.length === 0) return start;
  const refined = refineAngles(NAME, U, sequence, start, refine, matrix);
  sequence.errors[sequence.errors.length - 1] = refined.error;
  return refined;
}

/** P of the last distance that was measured. */
export function permutationOf(alignment: Alignment): { permutation: Int32Array; signs: Float64Array } {
  const { d } = alignment;
  return withWorkspace(16 * d + 16, NAME, (address) => {
    alignment.write(address + 8 * d, address);
    const { buffer } = runtime().memory;
    return {
      permutation: new Int32Array(buffer, address + 8 * d, d).slice(),
      signs: new Float64Array(buffer, address, d).slice(),
    };
  });
}

function diagonalized(S: Tensor, settings: Settings): Found {
  const d = S.shape[0];
  const largest = checkSymmetric(NAME, 'S', S);
  const { basis } = settings;
  const own: Tensor[] = [];
  try {
    let U: Tensor;
    if (basis === undefined) {
      const { values, vectors } = eigh(S);
      own.push(values, vectors);
      U = vectors;
    } else {
      U = squareMatrix(NAME, 'basis', basis);
      if (U !== basis) own.push(U);
      if (U.shape[0] !== d)
        throw new ShapeError(
          `${NAME}: basis must have the shape of S, ${show(S.shape)}, got ${show(U.shape)}`,
        );
      checkOrthogonal(NAME, 'basis', U);
    }
    const jacobi = new Jacobi(NAME, d, S.address, U.address, largest * 2 ** -53);
    return descended(jacobi, U, settings, ({ permutation }) => {
      const diagonal = jacobi.diagonal();
      return { off: jacobi.off, values: Float64Array.from(permutation, (row) => diagonal[row]) };
    });
  } finally {
    for (const x of own) x.dispose();
  }
}
