// S = Ãᵀ Ã and K = Ã Ãᵀ for the inputs of a layer, ã = [a, 1] if there is a bias: the matrices of layerwise steps.

import { eye, full, ones } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { trace } from '../../linalg/functions/norms.js';
import { add, mul } from '../../ops/arithmetic.js';
import { notEqual } from '../../ops/compare.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';
import type { LayerStep } from './sweep.js';

/** A layer's system as matrices. */
export interface Rows {
  /** Rows of the input: examples, or examples and positions. */
  n: number;
  /** Parameters per output, including the bias. */
  k: number;
  /** Outputs. */
  out: number;
  /** a, [n, k] or [n, k - 1]. */
  a: Tensor;
  hasBias: boolean;
  /** The cotangents of the outputs, [n, out]. */
  u: Tensor;
  /** S, if the layer has a cheaper way to compute it. */
  gram?(): Tensor;
}

export function rowsOf({ linear, params, input, cotangent }: LayerStep): Rows {
  const [a, u] = [linear.rows(input, params), linear.outputRows(cotangent)];
  const hasBias = linear.hasBias(params);
  const gram = linear.gram && (() => linear.gram?.(input, params) as Tensor);
  return {
    n: u.shape[0],
    k: a.shape[1] + Number(hasBias),
    out: u.shape[1],
    a,
    hasBias,
    u,
    ...(gram && { gram }),
  };
}

/** Ã, [n, k]. */
export function extended({ a, n, hasBias }: Pick<Rows, 'a' | 'n' | 'hasBias'>): Tensor {
  return hasBias ? concat([a, ones([n, 1], { dtype: a.dtype })], 1) : a;
}

/** K = Ã Ãᵀ, [n, n]. */
export function outerGram({ a, hasBias }: Rows): Tensor {
  const product = matmul(a, a, { transposeB: true });
  return hasBias ? add(product, 1) : product;
}

/** S = Ãᵀ Ã, [k, k], without forming Ã: there may be many rows. */
export function innerGram({ a, n, k, hasBias, gram }: Rows): Tensor {
  if (gram !== undefined) return gram();
  const product = matmul(a, a, { transposeA: true });
  if (!hasBias) return product;
  const sums = sum(a, { axis: 0, keepDims: true });
  const corner = full([1, 1], n, { dtype: a.dtype });
  const top = concat([product, reshape(sums, [k - 1, 1])], 1);
  return concat([top, concat([sums, corner], 1)], 0);
}

/**
 * G + I/τ, positive definite to rounding: the multiple of I is no smaller than the rounding error of the products in G.
 */
export function shifted(g: Tensor, tau: number): Tensor {
  const shift = maximum(mul(trace(g), 4 * unitRoundoffOf(g)), 1 / tau);
  return add(g, mul(eye(g.shape[0], g.shape[0], { dtype: g.dtype }), shift));
}

/**
 * G, and 0; if G is not finite, zeros and NaN. A result computed from the first, with the second added, is then NaN,
 * like a gradient, and no factorization fails.
 */
export function guarded(g: Tensor): { matrix: Tensor; poison: Tensor } {
  const poison = mul(sum(g), 0);
  return { matrix: where(notEqual(poison, 0), 0, g), poison };
}
