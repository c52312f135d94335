// A step of an optimiser on one leaf as a row of operations, for functions that are compiled: on the CPU the kernels of the step in place, so that
// both have the same bits.
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { Op } from '../../ops/op.js';

/** A step in place. */
export interface StepParts<P, K> {
  /** The numbers of a step after so many others, the same for all leaves; throws before anything is written. */
  scalars(steps: number, options: P): K;
  /** Updates a parameter and what the state has of it. */
  run(p: Tensor, g: Tensor, slots: readonly Tensor[], scalars: K, options: P): void;
}

/**
 * The row: the parameter, its gradient, what the state has of it, and the number of steps so far -> the new parameter, the new state, and the new
 * number. Parameters are the options of the optimiser.
 */
export function stepRow<P, K>(name: string, { scalars, run }: StepParts<P, K>): Op<P> {
  const refuse = (): never => {
    throw new ArgumentError(
      `${name}: steps of optimisers have no derivatives (pass what they give through stopGradient)`,
    );
  };
  return {
    name,
    shape: ([p, , ...rest]) => [p, ...rest],
    prepare(outputs, [p0, g, ...before], options) {
      const [p, ...rest] = outputs;
      const slots = rest.slice(0, -1);
      const [count, steps] = [rest[rest.length - 1], before[before.length - 1]];
      return () => {
        const [k] = steps.data();
        const numbers = scalars(k, options);
        p.data().set(p0.data());
        slots.forEach((slot, i) => {
          slot.data().set(before[i].data());
        });
        run(p, g, slots, numbers, options);
        count.data()[0] = k + 1;
      };
    },
    jvp: refuse,
    vjp: refuse,
  };
}
