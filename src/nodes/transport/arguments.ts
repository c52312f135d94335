// The arguments of transport nodes.
import { full } from '../../core/create.js';
import type { OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import type { TensorSpec } from '../../ops/op.js';
import { batchOf, type NodeArgument } from '../problems/batch.js';
import { checkLimits, type Limits, type ToleranceOptions } from '../problems/report.js';
import type { TransportBatch } from './solve.js';

/** Options of `optimalTransport` and `optimalTransportCost`. */
export interface TransportOptions extends ToleranceOptions {
  /** What the entropy is divided by; [...batch] or a number, default 1. It is 1/reg of POT, 1/epsilon of OTT. */
  gamma?: NodeArgument;
  /** Masses of the rows, [..., m]; default 1/m each. */
  r?: Tensor;
  /** Masses of the columns, [..., n], of the same sum; default 1/n each. */
  c?: Tensor;
}

/** The names of these options. */
export const TRANSPORT_OPTIONS: OptionNames<TransportOptions> = {
  gamma: true,
  r: true,
  c: true,
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
};

/** The batch of problems. */
export function transportBatch(
  name: string,
  M: Tensor,
  { gamma = 1, r, c }: TransportOptions,
): TransportBatch {
  checkFloat(name, 'M', M);
  // Anything but a stack of matrices is refused below.
  const uniform = (axis: number): Tensor => {
    const size = M.shape.at(axis) ?? 1;
    return full([size], 1 / size, { dtype: M.dtype });
  };
  return batchOf(name, {
    M: [M, 'm', 'n'],
    gamma: [gamma],
    r: [r ?? uniform(-2), 'm'],
    c: [c ?? uniform(-1), 'n'],
  });
}

/** The options in use. */
export function transportLimits({ name, dtype }: TransportBatch, options: ToleranceOptions): Limits {
  return checkLimits(name, options, { tolerance: dtype === 'f64' ? 1e-13 : 1e-6, maxIterations: 100_000 });
}

/** Plan and potentials. */
export function planSpecs({ count, sizes: { m, n }, dtype }: TransportBatch): TensorSpec[] {
  return [
    { shape: [count, m, n], dtype },
    { shape: [count, m], dtype },
    { shape: [count, n], dtype },
  ];
}
