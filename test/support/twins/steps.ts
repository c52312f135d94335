// Twins of the modules `banded` and `optimizer-steps`: tridiagonal and banded systems as dense ones, and the formulas of optimizers.
import type { BandedExports } from '#src/generated/banded.js';
import type { OptimizerStepsExports } from '#src/generated/optimizer-steps.js';
import {
  type Cells,
  cells,
  type Family,
  type Memory,
  named,
  putRows,
  type Rows,
  range,
  rowsAt,
} from './cells.js';

/** X over B by elimination with partial pivoting; the number from 1 of the first zero pivot, or 0. */
function eliminate(a: Rows, b: Rows): number {
  const n = a.length;
  for (const k of range(n)) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[best][k])) best = i;
    [a[k], a[best], b[k], b[best]] = [a[best], a[k], b[best], b[k]];
    if (a[k][k] === 0) return k + 1;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k; j < n; j++) a[i][j] -= factor * a[k][j];
      b[i] = b[i].map((v, j) => v - factor * b[k][j]);
    }
  }
  for (const i of range(n).reverse())
    b[i] = b[i].map(
      (v, j) =>
        range(n)
          .slice(i + 1)
          .reduce((rest, p) => rest - a[i][p] * b[p][j], v) / a[i][i],
    );
  return 0;
}

const systems = (words: Cells, x: Cells) => {
  /** `batch` systems one after the other; stops at the first singular one, whose number goes to `work`. */
  const solve = (
    batch: number,
    n: number,
    nrhs: number,
    b: number,
    strideb: number,
    work: number,
    matrix: (system: number) => Rows,
  ): number => {
    for (const s of range(batch)) {
      const at = b + s * strideb * x.size;
      const B = rowsAt(x, n, nrhs, at, nrhs, 1);
      const info = eliminate(matrix(s), B);
      putRows(x, B, at, nrhs, 1);
      if (info === 0) continue;
      words.put(work, 0, s);
      return info;
    }
    return 0;
  };
  return {
    gtsv: (batch, n, nrhs, lower, diagonal, upper, strideo, strided, b, strideb, work) =>
      solve(batch, n, nrhs, b, strideb, work, (s) =>
        range(n).map((i) =>
          range(n).map((j) => {
            if (i === j) return x.at(diagonal, s * strided + i);
            return i === j + 1
              ? x.at(lower, s * strideo + j)
              : j === i + 1
                ? x.at(upper, s * strideo + i)
                : 0;
          }),
        ),
      ),
    /** Element (i, j) of the band lies in row ku + i - j, column j. */
    gbsv: (batch, n, kl, ku, nrhs, bands, stridea, b, strideb, work) =>
      solve(batch, n, nrhs, b, strideb, work, (s) =>
        range(n).map((i) =>
          range(n).map((j) =>
            i - j > kl || j - i > ku ? 0 : x.at(bands, s * stridea + (ku + i - j) * n + j),
          ),
        ),
      ),
  } satisfies Partial<Family<BandedExports, 'f64'>>;
};

export function banded(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', systems(i32, f64)),
    ...named('f32', systems(i32, f32)),
  } satisfies Partial<BandedExports>;
}

/**
 * Means of squares: beyond these bounds the root takes their place, with the sign as its mark; small ones only with an epsilon
 * that would not hide them.
 */
const BOUNDS = { 4: [2 ** -100, 2 ** 122, 2 ** -62], 8: [2 ** -960, 2 ** 1020, 2 ** -512] } as const;
const squareOf = (stored: number) => (stored < 0 ? stored * stored : stored);
const storedAs = (square: number, size: number, epsilon: number) => {
  const [low, high, tiny] = BOUNDS[size as 4 | 8];
  return square > high || (epsilon < tiny && square < low) ? -Math.sqrt(square) : square;
};

/** Steps in place on n elements; an array that is absent has the address 0. */
const steps = (x: Cells) =>
  ({
    /** Adam (Kingma and Ba, 2015); `top`: AMSGrad; decay p is added to g (`coupled`), or decay p takes the place of p. */
    adam(n, coupled, p, g, m, v, top, first, keep, second, step, epsilon, decay) {
      for (const i of range(n)) {
        const at = x.at(p, i);
        const d = x.at(g, i) + (coupled ? decay * at : 0);
        const mean = x.at(m, i) + first * (d - x.at(m, i));
        const variance = keep * squareOf(x.at(v, i)) + second * d * d;
        const most = top === 0 ? variance : Math.max(squareOf(x.at(top, i)), variance);
        x.put(m, i, mean);
        x.put(v, i, storedAs(variance, x.size, epsilon));
        if (top !== 0) x.put(top, i, storedAs(most, x.size, epsilon));
        x.put(p, i, (coupled ? at : decay * at) - (step * mean) / (Math.sqrt(most) + epsilon));
      }
    },
    /** b := keep b + gain d; p -= rate b, or with Nesterov's momentum (look ≠ 0) rate (d + look b). */
    momentum(n, p, g, b, rate, decay, keep, gain, look) {
      for (const i of range(n)) {
        const d = x.at(g, i) + decay * x.at(p, i);
        const next = keep * x.at(b, i) + gain * d;
        x.put(b, i, next);
        x.put(p, i, x.at(p, i) - rate * (look === 0 ? next : d + look * next));
      }
    },
    descend(n, p, g, rate, decay) {
      for (const i of range(n)) x.put(p, i, x.at(p, i) - rate * (x.at(g, i) + decay * x.at(p, i)));
    },
    /** RMSProp; a: centred, by the mean of d; b: with momentum. */
    rmsprop(n, p, g, s, a, b, rate, decay, keep, gain, epsilon, push) {
      for (const i of range(n)) {
        const d = x.at(g, i) + decay * x.at(p, i);
        const square = keep * squareOf(x.at(s, i)) + gain * d * d;
        const mean = a === 0 ? 0 : x.at(a, i) + gain * (d - x.at(a, i));
        const scaled = d / (Math.sqrt(Math.max(0, square - mean * mean)) + epsilon);
        const by = b === 0 ? scaled : push * x.at(b, i) + scaled;
        x.put(s, i, storedAs(square, x.size, epsilon));
        if (a !== 0) x.put(a, i, mean);
        if (b !== 0) x.put(b, i, by);
        x.put(p, i, x.at(p, i) - rate * by);
      }
    },
    lerp(n, weight, a, y) {
      for (const i of range(n)) x.put(y, i, x.at(y, i) + weight * (x.at(a, i) - x.at(y, i)));
    },
    clamp(n, limit, a) {
      for (const i of range(n)) x.put(a, i, Math.min(limit, Math.max(-limit, x.at(a, i))));
    },
  }) satisfies Partial<Family<OptimizerStepsExports, 'f64'>>;

export function optimizerSteps(memory: Memory) {
  return {
    ...named('f64', steps(cells(memory, 'f64'))),
    ...named('f32', steps(cells(memory, 'f32'))),
  } satisfies Partial<OptimizerStepsExports>;
}
