// Twins of the modules `blas` and `vectors`: levels 1 and 2, the products, sequences of rotations, fused vector operations.
import type { BlasExports } from '#src/generated/blas.js';
import type { VectorsExports } from '#src/generated/vectors.js';
import {
  type Cells,
  cells,
  type Family,
  type Memory,
  named,
  putRows,
  range,
  rowsAt,
  total,
} from './cells.js';

const level = (words: Cells, x: Cells) => {
  const twins = {
    /** C := alpha A B + beta C; C is not read for beta = 0, A and B are not read for alpha = 0. */
    gemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, _work) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let product = 0;
          if (alpha !== 0) {
            for (let p = 0; p < k; p++) product += x.at(a, i * rsa + p * csa) * x.at(b, p * rsb + j * csb);
            product *= alpha;
          }
          const at = i * rsc + j * csc;
          x.put(c, at, beta === 0 ? product : product + beta * x.at(c, at));
        }
      }
    },
    gemm_packed: (m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work) =>
      twins.gemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work),
    gemm_batched(batch, m, n, k, alpha, a, bsa, rsa, csa, b, bsb, rsb, csb, beta, c, bsc, rsc, csc, work) {
      for (const i of range(batch)) {
        const [pa, pb, pc] = [a + i * bsa * x.size, b + i * bsb * x.size, c + i * bsc * x.size];
        twins.gemm(m, n, k, alpha, pa, rsa, csa, pb, rsb, csb, beta, pc, rsc, csc, work);
      }
    },
    dot: (n, a, incx, b, incy) => total(n, (i) => x.at(a, i * incx) * x.at(b, i * incy)),
    /** y := alpha x + y; nothing happens for alpha = 0. */
    axpy(n, alpha, a, incx, b, incy) {
      if (alpha === 0) return;
      for (const i of range(n)) x.put(b, i * incy, alpha * x.at(a, i * incx) + x.at(b, i * incy));
    },
    scal(n, alpha, a, incx) {
      for (const i of range(n)) x.put(a, i * incx, alpha * x.at(a, i * incx));
    },
    /** (Σ x_i²)^½ of x over its largest, so that no square overflows. */
    nrm2(n, a, incx) {
      const values = range(n).map((i) => Math.abs(x.at(a, i * incx)));
      const largest = values.reduce((p, v) => Math.max(p, v), 0);
      if (largest === 0 || largest === Infinity || Number.isNaN(largest)) return largest;
      return largest * Math.sqrt(total(n, (i) => (values[i] / largest) ** 2));
    },
    asum: (n, a, incx) => total(n, (i) => Math.abs(x.at(a, i * incx))),
    /** The first index of the largest |x_i|, or of the first NaN; -1 for n = 0. */
    iamax(n, a, incx) {
      const values = range(n).map((i) => Math.abs(x.at(a, i * incx)));
      const largest = values.reduce((p, v) => Math.max(p, v), 0);
      return values.findIndex((v) => v === largest || Number.isNaN(v));
    },
    /** y := alpha A x + beta y; y is not read for beta = 0, A and x are not read for alpha = 0. */
    gemv: (m, n, alpha, a, rsa, csa, v, incx, beta, y, incy, work) =>
      twins.gemm(m, 1, n, alpha, a, rsa, csa, v, incx, 1, beta, y, incy, 1, work),
    /** A := alpha x yᵀ + A; nothing happens for alpha = 0. */
    ger(m, n, alpha, v, incx, w, incy, a, rsa, csa) {
      if (alpha === 0) return;
      for (const i of range(m)) {
        for (const j of range(n)) {
          const at = i * rsa + j * csa;
          x.put(a, at, alpha * x.at(v, i * incx) * x.at(w, j * incy) + x.at(a, at));
        }
      }
    },
    /** Y := the rotations of X in turn (from the last one for `backward`): rows p, q become c p + s q and c q - s p. */
    rotate(batch, n, m, count, pairs, angles, backward, a, bsx, rsx, csx, y, bsy, rsy, csy, _work) {
      for (const b of range(batch)) {
        const rows = rowsAt(x, n, m, a + b * bsx * x.size, rsx, csx);
        for (const k of range(count)) {
          const t = backward ? count - 1 - k : k;
          const [p, q] = [words.at(pairs, 2 * t), words.at(pairs, 2 * t + 1)];
          const [c, s] = [x.at(angles, 2 * t), x.at(angles, 2 * t + 1)];
          const [P, Q] = [rows[p], rows[q]];
          rows[p] = P.map((v, j) => c * v + s * Q[j]);
          rows[q] = Q.map((v, j) => c * v - s * P[j]);
        }
        putRows(x, rows, y + b * bsy * x.size, rsy, csy);
      }
    },
  } satisfies Partial<Family<BlasExports, 'f64'>>;
  return twins;
};

export function blas(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', level(i32, f64)),
    ...named('f32', level(i32, f32)),
  } satisfies Partial<BlasExports>;
}

/** Contiguous vectors; the results are those of the numbers as they are stored. */
const fused = (x: Cells) => {
  const dot = (n: number, a: number, b: number) => total(n, (i) => x.at(a, i) * x.at(b, i));
  return {
    axpy_dot(n, alpha, a, y, z) {
      for (const i of range(n)) x.put(y, i, alpha * x.at(a, i) + x.at(y, i));
      return dot(n, z, y);
    },
    axpby_dot(n, alpha, a, beta, y, out, z) {
      for (const i of range(n)) x.put(out, i, alpha * x.at(a, i) + beta * x.at(y, i));
      return dot(n, z, out);
    },
    copy_dot(n, a, y, z) {
      for (const i of range(n)) x.put(y, i, x.at(a, i));
      return dot(n, z, y);
    },
    curvature(n, a, a0, g, g0, s, y, out) {
      for (const i of range(n)) {
        x.put(s, i, x.at(a, i) - x.at(a0, i));
        x.put(y, i, x.at(g, i) - x.at(g0, i));
      }
      x.put(out, 0, dot(n, s, y));
      x.put(out, 1, dot(n, y, y));
    },
    minus(n, a, b, z) {
      for (const i of range(n)) x.put(z, i, x.at(a, i) - x.at(b, i));
    },
    plus_scaled(n, alpha, a, y, z) {
      for (const i of range(n)) x.put(z, i, x.at(a, i) + alpha * x.at(y, i));
    },
    largest: (n, a) => range(n).reduce((p, i) => Math.max(p, Math.abs(x.at(a, i))), 0),
  } satisfies Partial<Family<VectorsExports, 'f64'>>;
};

export function vectors(memory: Memory) {
  return {
    ...named('f64', fused(cells(memory, 'f64'))),
    ...named('f32', fused(cells(memory, 'f32'))),
  } satisfies Partial<VectorsExports>;
}
