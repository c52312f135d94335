// Public functions as functions of one tensor to a vector.
import { flatten, unflatten } from '#src/core/tree.js';
import { add, concat, mul, random, reshape, type Tensor } from '#src/index.js';
import { seed } from './check.js';
import type { Any, PublicFunction } from './public-functions.js';
import { outputsOf } from './silent-zeros.js';
import type { Subject } from './ways.js';

/** A function to tensors as one to a vector, at x; nothing where it gives none. */
export function subjectOf(results: (x: Tensor) => readonly Tensor[], x: Tensor): Subject | undefined {
  if (results(x).length === 0) return undefined;
  const f = (y: Tensor) => concat(results(y).map((part) => reshape(part, [-1])));
  const y = f(x);
  const draw = random(seed);
  const w = draw.normal(y.shape);
  return { f, x, other: mul(x, 1.01), w, cotangent: add(w, y), t: draw.normal(x.shape) };
}

/** A function of the table in one of its tensors, to all float results; nothing where all are integers. */
export function vectorial(f: Any, entry: PublicFunction, at: number): Subject | undefined {
  const { leaves, structure } = flatten(entry.args());
  const { call = (g: Any, ...list: unknown[]) => g(...list) } = entry;
  const results = (x: Tensor) => {
    const given = leaves.map((leaf, i) => (i === at ? x : leaf));
    return outputsOf(call(f, ...(unflatten(structure, given) as unknown[]))).tensors;
  };
  return subjectOf(results, leaves[at]);
}
