// Where eigenvalues are equal, vectors are any basis of their space, which a small change of X turns at once into
// another. Derivatives of derivatives are therefore written with a basis that moves smoothly: V turns only between the
// spaces, and B = Vᵀ X V, diagonal at the point itself, changes within them. What does not depend on the basis has the
// same derivatives in terms of this V and B.
import type { Tensor } from '../../core/tensor.js';
import { asColumn, asRow } from '../../linalg/rules/matrix.js';
import { reciprocal } from '../../linalg/rules/reciprocal.js';
import { eachSpace, spectra } from '../../linalg/rules/spaces.js';
import { mul, plus, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { chosenOf, type Indices, spread } from './chosen.js';

/** Row of the table: of M [count, n, n] the blocks that belong to spaces of equal values [count, n], 0 elsewhere. */
export const blocksOp: Op = {
  name: 'blocks',
  shape: ([, m]) => m,
  prepare([out], [values, m]) {
    return () => {
      const [to, from] = [out.data().fill(0), m.data()];
      spectra(values, (spectrum, matrix) => {
        const { n } = spectrum;
        eachSpace(spectrum, (first, end) => {
          for (let i = first; i < end; i++) {
            const row = (matrix * n + i) * n;
            to.set(from.subarray(row + first, row + end), row + first);
          }
        });
      });
    };
  },
  jvp: ([, t], { inputs: [values] }) => t && blocksOf(values, t),
  vjp: ([ct], { inputs: [values] }) => [undefined, blocksOf(values, ct as Tensor)],
};

export function blocksOf(values: Tensor, m: Tensor): Tensor {
  return apply(blocksOp, [values, m], undefined);
}

/** 1 / (λ_j - λ_i) for the chosen j, 0 where they are equal. */
function chosenGaps(values: Tensor, indices: Indices): Tensor {
  return reciprocal(sub(asRow(chosenOf(values, indices)), asColumn(values)), values);
}

/**
 * Row of the table: the Q with Q B - B Q = T between the spaces, and 0 within them: T_ij / (λ_j - λ_i), for T [count, n, k]
 * whose columns are those at `indices`, each of them once. It depends on the values through B.
 */
export const quotientOp: Op<{ indices: Indices }> = {
  name: 'quotient',
  shape: ([, t]) => t,
  prepare([out], [values, t], { indices }) {
    return () => {
      const [to, from] = [out.data(), t.data()];
      const [n, k] = t.shape.slice(1);
      spectra(values, ({ values: w, from: at, level }, matrix) => {
        for (let i = 0; i < n; i++) {
          for (let j = 0, entry = (matrix * n + i) * k; j < k; j++, entry++) {
            const gap = w[at + (indices === undefined ? j : indices[j])] - w[at + i];
            to[entry] = Math.abs(gap) <= level ? 0 : from[entry] / gap;
          }
        }
      });
    };
  },
  jvp([, tt, tb], { inputs: [values], outputs: [y], params: { indices } }) {
    let moved: Derivative = tt;
    if (tb) {
      const whole = spread(y, indices, values.shape[1]);
      moved = plus(moved, sub(matmul(tb, y), chosenOf(matmul(whole, tb), indices)));
    }
    return moved && mul(chosenGaps(values, indices), moved);
  },
  vjp([ct], { inputs: [values], outputs: [y], params: { indices }, wanted }) {
    const n = values.shape[1];
    const part = mul(chosenGaps(values, indices), ct as Tensor);
    if (!wanted[2]) return [undefined, part, undefined];
    const [whole, wholePart] = [y, part].map((x) => spread(x, indices, n));
    const other = matmul(whole, wholePart, { transposeA: true });
    return [undefined, part, sub(matmul(part, y, { transposeB: true }), other)];
  },
};

/** The row for T and B. */
export function quotient(values: Tensor, t: Tensor, blocks: Tensor, indices: Indices): Tensor {
  return apply(quotientOp, [values, t, blocks], { indices });
}
