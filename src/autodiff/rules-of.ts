// Derivatives of a row from a function that computes the same results with operations.
import type { Tensor } from '../core/tensor.js';
import type { Derivative, Op } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { jvp } from './jvp.js';
import { vjp } from './vjp.js';

/** The list with some of its tensors replaced. */
export function exchanged(list: readonly Tensor[], at: readonly number[], by: readonly Tensor[]): Tensor[] {
  const all = [...list];
  at.forEach((position, i) => {
    all[position] = by[i];
  });
  return all;
}

/**
 * Rules of a row whose results are those of `f` of its first `count` inputs; the other inputs have no influence on
 * them.
 */
export function rulesOf(
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
  count = Number.POSITIVE_INFINITY,
): Required<Pick<Op<unknown>, 'jvp' | 'vjp'>> {
  return {
    jvp(tangents, { inputs, outputs }) {
      const at = tangents.flatMap((t, i) => (t === undefined || i >= count ? [] : [i]));
      if (at.length === 0) return outputs.map(() => undefined);
      return jvp(
        (...moved: Tensor[]) => f(exchanged(inputs, at, moved)),
        at.map((i) => inputs[i]),
        at.map((i) => tangents[i]),
      ).tangent;
    },
    vjp(cotangents, { inputs, outputs, wanted }) {
      const list: Derivative[] = inputs.map(() => undefined);
      const at = inputs.flatMap(({ dtype }, i) => (wanted[i] && dtype !== 'i32' && i < count ? [i] : []));
      if (at.length === 0) return list;
      const { pullback } = vjp(
        (...moved: Tensor[]) => f(exchanged(inputs, at, moved)),
        ...at.map((i) => inputs[i]),
      );
      pullback(outputs.map((y, i) => orZeros(cotangents[i], y))).forEach((ct: Tensor, k: number) => {
        list[at[k]] = ct;
      });
      return list;
    },
  };
}
