// The covariance of a flow's states from samples, in Fourier space along x: where all shifts of a state are as likely as the state, waves of
// different wavenumbers are uncorrelated, and the covariance is one block [2n, 2n] of complex numbers for each wavenumber. On a 64 x 64 grid
// that is 1.6 % of the dense matrix, and every sample counts as all its shifts.
import {
  add,
  assimilation,
  astype,
  concat,
  div,
  expandDims,
  fft,
  linalg,
  matmul,
  maximum,
  mul,
  neg,
  reshape,
  roll,
  scope,
  slice,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  zeros,
} from 'cotangent';

/** Part `i` of `parts` equal ones of the last axis. */
function partOf(x, i, parts) {
  const size = x.shape.at(-1) / parts;
  const from = x.shape.map((_, axis) => (axis === x.ndim - 1 ? i * size : 0));
  return slice(x, from, x.shape.with(-1, (i + 1) * size));
}

/** Velocities [count, 2, n, n] as waves along x: [n/2 + 1, count, 4n], real parts before imaginary ones. */
function wavesOf(x) {
  const [count, , n] = x.shape;
  const { re, im } = fft.rfft(x, { axis: -2 });
  const rows = (part) => reshape(transpose(part, [2, 0, 1, 3]), [re.shape[2], count, 2 * n]);
  return concat([rows(re), rows(im)], -1);
}

function fromWaves(waves) {
  const [kinds, count, size] = waves.shape;
  const n = size / 4;
  const part = (i) => transpose(reshape(partOf(waves, i, 2), [kinds, count, 2, n]), [1, 2, 0, 3]);
  return fft.irfft({ re: part(0), im: part(1) }, { axis: -2, n });
}

/** Sums what the covariance is made of: `add(states)` [count, 2, n, n] of dtype f32, then `finish`. */
export function covarianceOfFlow({ n, wavenumber, floor = 1e-6 }) {
  let [count, sums, products] = [0];
  const plus = (old, x) => {
    if (old === undefined) return x;
    const both = add(old, x);
    old.dispose();
    x.dispose();
    return both;
  };
  return {
    add(states) {
      const parts = scope(() => {
        const waves = astype(wavesOf(states), 'f64');
        const [a, b] = [partOf(waves, 0, 2), partOf(waves, 1, 2)];
        const times = (x, y) => matmul(x, y, { transposeA: true });
        return [
          sum(waves, { axis: 1 }),
          concat([add(times(a, a), times(b, b)), sub(times(b, a), times(a, b))], -1),
        ];
      });
      [sums, products] = [plus(sums, parts[0]), plus(products, parts[1])];
      count += states.shape[0];
    },
    /** The covariance, with eigenvalues below `floor` raised to it; its root is symmetric. */
    finish() {
      const [vectors, deviations] = scope(() => {
        const period = n / wavenumber;
        // Of waves other than 0 the mean is 0.
        const first = overShifts(reshape(slice(sums, [0, 0], [1, 2 * n]), [2, n]), period, [1]);
        const mean = div(reshape(first, [1, 2 * n]), count);
        const correction = reshape(mul(count, matmul(mean, mean, { transposeA: true })), [1, 2 * n, 2 * n]);
        const others = zeros([products.shape[0] - 1, 2 * n, 2 * n]);
        const block = (part) => {
          const split = reshape(div(part, count * n), [part.shape[0], 2, n, 2, n]);
          return reshape(overShifts(split, period, [2, 4]), part.shape);
        };
        const p = block(sub(partOf(products, 0, 2), concat([correction, others])));
        const q = block(partOf(products, 1, 2));
        // As a real matrix, P + iQ is [P, -Q; Q, P].
        const { values, vectors } = linalg.eigh(concat([concat([p, neg(q)], -1), concat([q, p], -1)], -2));
        return [astype(vectors, 'f32'), astype(expandDims(sqrt(maximum(values, floor)), 1), 'f32')];
      });
      sums.dispose();
      products.dispose();
      const scaled = (x, change) =>
        scope(() => {
          const rows = reshape(x, [-1, 2, n, n]);
          const inside = change(matmul(wavesOf(rows), vectors));
          return reshape(fromWaves(matmul(inside, vectors, { transposeB: true })), x.shape);
        });
      const root = (x) => scaled(x, (z) => mul(z, deviations));
      return assimilation.covariance.operators({
        sqrt: root,
        sqrtTranspose: root,
        inverseSqrt: (x) => scaled(x, (z) => div(z, deviations)),
        solve: (x) => scaled(x, (z) => div(z, square(deviations))),
      });
    },
  };
}

/** The mean over shifts of these axes by whole periods. */
function overShifts(x, period, axes) {
  const count = x.shape[axes[0]] / period;
  let total = x;
  for (let s = 1; s < count; s++) {
    total = add(
      total,
      roll(
        x,
        axes.map(() => s * period),
        axes,
      ),
    );
  }
  return div(total, count);
}
