// Where values of a spectrum are equal, a tangent parts them, and may turn their vectors in an unknown way (NaN). The
// rows of ties-backward.ts do the same for cotangents.
import type { Tensor } from '../../core/tensor.js';
import { applyAll, type Op } from '../../ops/op.js';
import { eigenvaluesOf } from './small-eigen.js';
import { eachSpace, largest, spectra, spoil } from './spaces.js';

/**
 * Row of the table: for values and M = Vᵀ dA V (Uᵀ dA V) of a tangent dA a matrix [n, n] that is NaN for pairs whose
 * vectors turn in an unknown way, and the vector that is to be added to diag(M), so that it is the change of the values
 * in their order: in a space of equal ones, the eigenvalues of its block of M.
 *
 * Vectors turn in a known way, that is, not at all, if their block is diagonal with entries in the order of the values,
 * and nothing outside of the space couples them: otherwise the vectors after a small step are others, however small it
 * is.
 */
export const tiesForwardOp: Op<{ singular: boolean; square: boolean }> = {
  name: 'ties',
  shape: ([{ shape, dtype }]) => [
    { shape: [...shape, shape[shape.length - 1]], dtype },
    { shape, dtype },
    { shape, dtype },
  ],
  prepare([turns, changes, next], [values, moved], { singular, square }) {
    const sign = singular ? -1 : 1;
    return () => {
      const [to, add, unknown] = [turns, changes, next].map((x) => x.data().fill(0));
      const m = moved.data();
      spectra(values, (spectrum, matrix) => {
        const { from, n, level, noise } = spectrum;
        const start = matrix * n * n;
        let size: number | undefined;
        const scale = () => {
          size ??= largest(m, start, n * n);
          return size;
        };
        const at = (i: number, j: number) => m[start + i * n + j];
        const isSmall = (x: number) => Math.abs(x) <= noise * scale();
        const isCoupled = (i: number, first: number, end: number): boolean => {
          for (let k = 0; k < n; k++)
            if ((k < first || k >= end) && !(isSmall(at(i, k)) && isSmall(at(k, i)))) return true;
          return false;
        };
        eachSpace(spectrum, (first, end) => {
          const isNull = singular && Math.abs(spectrum.values[from + first]) <= level;
          if (end - first === 1 && (!isNull || square)) return;
          let [isDiagonal, isOrdered, isNothing, coupled] = [true, true, true, square ? 0 : 2];
          for (let i = first; i < end; i++) {
            for (let j = first; j < end; j++) {
              if (!isSmall(at(i, j))) isNothing = false;
              if (i !== j && !isSmall(isNull ? at(i, j) : at(i, j) + at(j, i))) isDiagonal = false;
            }
            if (i > first && !(sign * (at(i, i) - at(i - 1, i - 1)) >= -noise * scale())) isOrdered = false;
            if (isCoupled(i, first, end)) coupled++;
          }
          if (isNull) {
            if (isNothing && coupled < 2) return;
            spoil(to, start, n, first, end);
            if (isNothing && square) return;
            add.fill(Number.NaN, from + first, from + end);
            unknown.fill(Number.NaN, from + first, from + end);
            return;
          }
          if (!(isDiagonal && isOrdered && coupled < 2)) spoil(to, start, n, first, end);
          if (isDiagonal && isOrdered) return;
          const width = end - first;
          const block = Float64Array.from({ length: width * width }, (_, k) => {
            const [i, j] = [first + Math.floor(k / width), first + (k % width)];
            return (at(i, j) + at(j, i)) / 2;
          });
          unknown.fill(Number.NaN, from + first, from + end);
          eigenvaluesOf(block, width).forEach((value, k) => {
            const i = singular ? end - 1 - k : first + k;
            add[from + i] = value - at(i, i);
          });
        });
      });
    };
  },
  jvp: (_, { outputs: [turns, , next] }) => [turns, next, next],
  vjp: (_, { outputs: [turns] }) => [undefined, turns],
};

/** The row for M; what to add to the turns of the vectors, and to the changes of the values. */
export function tiesForward(
  values: Tensor,
  moved: Tensor,
  singular: boolean,
  square = true,
): { turns: Tensor; changes: Tensor; unknown: Tensor } {
  const [turns, changes, unknown] = applyAll(tiesForwardOp, [values, moved], { singular, square });
  return { turns, changes, unknown };
}

/**
 * Row of the table: for values, M and changes c of a function of the values, in every space of equal values Q diag(c) Qᵀ
 * - diag(c), where Q diagonalizes the block of M; else 0. Its own derivative is unknown there.
 */
export const tiesSlopeOp: Op = {
  name: 'ties',
  shape: ([, moved, changes]) => [moved, moved, changes],
  prepare(outputs, [values, moved, changes]) {
    return () => {
      const [to, unknown, all] = outputs.map((x) => x.data().fill(0));
      const [m, c] = [moved.data(), changes.data()];
      spectra(values, (spectrum, matrix) => {
        const { from, n } = spectrum;
        const start = matrix * n * n;
        eachSpace(spectrum, (first, end) => {
          const width = end - first;
          if (width === 1) return;
          spoil(unknown, start, n, first, end);
          all.fill(Number.NaN, from + first, from + end);
          const block = new Float64Array(width * width);
          const q = new Float64Array(width * width);
          for (let i = 0; i < width; i++) {
            for (let j = 0; j < width; j++) {
              const [row, column] = [start + (first + i) * n, start + (first + j) * n];
              block[i * width + j] = (m[row + first + j] + m[column + first + i]) / 2;
            }
          }
          eigenvaluesOf(block, width, q);
          for (let i = 0; i < width; i++) {
            for (let j = 0; j < width; j++) {
              let sum = i === j ? -c[from + first + i] : 0;
              for (let k = 0; k < width; k++)
                sum += q[i * width + k] * c[from + first + k] * q[j * width + k];
              to[start + (first + i) * n + first + j] = sum;
            }
          }
        });
      });
    };
  },
  jvp: (_, { outputs: [, block, all] }) => [block, block, all],
  vjp: (_, { outputs: [, block, all] }) => [undefined, block, all],
};

/** The row for M and the changes c. */
export function tiesSlope(values: Tensor, moved: Tensor, changes: Tensor): Tensor {
  return applyAll(tiesSlopeOp, [values, moved, changes], undefined)[0];
}
