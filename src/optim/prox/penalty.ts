// Regularisers for proximal methods: a value and a prox, on tensors and on trees of them.

import { checkAtLeast } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import type { TypedArray } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { flatten, mapTree, type Tree } from '../../core/tree.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { svdvals } from '../../linalg/dense/svd.js';
import { untraced } from '../../ops/untraced.js';
import * as proxes from './prox.js';
import { checkMix, lengthOf } from './rows.js';

/** argmin_z t g(z) + ‖z - x‖² / 2, in the structure of x. */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
export type ProxFunction = (x: any, t: number) => Tree;

/** A function with a prox. */
export interface Proximable {
  readonly name?: string;
  prox: ProxFunction;
  /** g(x); if absent it counts as 0, as for constraints. */
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  value?(x: any): number;
}

/** A regulariser of the library. */
export interface Penalty extends Proximable {
  readonly name: string;
  /** A number without derivative: an ArgumentError for a differentiated tensor. The prox has a derivative in x. */
  value(x: Tree): number;
}

const ADVICE = 'its value is a number: write it in operations, or pass stopGradient(x)';

/** A sum over all leaves. */
function penalty(
  name: string,
  weight: number,
  value: (leaf: Tensor) => number,
  prox: (leaf: Tensor, t: number) => Tensor,
): Penalty {
  checkAtLeast(name, 'weight', weight, 0);
  return {
    name,
    value(x) {
      const { leaves } = flatten(x);
      for (const leaf of leaves) untraced(name, 'x', leaf, ADVICE);
      return weight === 0 ? 0 : weight * leaves.reduce((sum, leaf) => sum + value(leaf), 0);
    },
    prox: (x, t) => mapTree(x, (leaf) => prox(leaf, weight * t)),
  };
}

/** A sum over the rows of a tensor. */
const overRows = (of: (row: TypedArray) => number) => (x: Tensor) => {
  const n = x.ndim === 0 ? 1 : x.shape[x.ndim - 1];
  const data = x.data();
  let sum = 0;
  for (let at = 0; at < x.size; at += n) sum += of(data.subarray(at, at + n));
  return sum;
};

const sizes = (x: Tensor): number => {
  let sum = 0;
  for (const value of x.data()) sum += Math.abs(value);
  return sum;
};

const squares = (x: Tensor): number => {
  let sum = 0;
  for (const value of x.data()) sum += value * value;
  return sum / 2;
};

/** weight ‖x‖₁: the lasso. @example optim.proximalGradient(f, optim.penalty.l1(0.1), x0); */
export function l1(weight = 1): Penalty {
  return penalty('l1', weight, sizes, proxes.l1);
}

/** weight Σ ‖row‖₂: the group lasso. */
export function l2(weight = 1): Penalty {
  const value = overRows((row) => {
    const { scale, length } = lengthOf(row);
    return scale * length;
  });
  return penalty('l2', weight, value, proxes.l2);
}

/** weight ‖x‖₂² / 2: ridge. */
export function squaredL2(weight = 1): Penalty {
  return penalty('squaredL2', weight, squares, proxes.squaredL2);
}

/** weight Σ ‖row‖∞. */
export function linf(weight = 1): Penalty {
  return penalty('linf', weight, overRows(maxAbs), proxes.linf);
}

/** weight (mix ‖x‖₁ + (1 - mix) ‖x‖₂² / 2); mix in [0, 1], default 1/2. */
export function elasticNet(weight = 1, mix = 0.5): Penalty {
  checkMix('elasticNet', mix);
  return penalty(
    'elasticNet',
    weight,
    (x) => mix * sizes(x) + (1 - mix) * squares(x),
    (x, t) => proxes.elasticNet(x, t, mix),
  );
}

/** weight times the sum of the singular values of matrices [..., m, n]. */
export function nuclear(weight = 1): Penalty {
  const value = (x: Tensor) => {
    const s = svdvals(x);
    try {
      return sizes(s);
    } finally {
      s.dispose();
    }
  };
  return penalty('nuclear', weight, value, proxes.nuclear);
}

/**
 * 0 on a set and infinite elsewhere, given by its projection; its value counts as 0, because iterates lie in the set.
 * @example
 * optim.proximalGradient(f, optim.penalty.indicator(optim.project.simplex), x0); // f on the simplex
 */
export function indicator(projection: (x: Tensor) => Tensor): Penalty {
  if (typeof projection !== 'function')
    throw new ArgumentError(
      `indicator: projection must be a function of a tensor, got ${describe(projection)}`,
    );
  return {
    name: 'indicator',
    value: () => 0,
    prox: (x) => mapTree(x, (leaf) => projection(leaf)),
  };
}
