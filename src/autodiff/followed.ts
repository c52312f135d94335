// Which tensors a derivative is being taken of.
import type { Tensor } from '../core/tensor.js';
import { traceOf } from '../ops/tracer.js';
import { ForwardTrace } from './forward.js';
import { Tape } from './reverse.js';

/**
 * True if forward or reverse mode follows one of the tensors. A function with a rule of its own calls itself on these instead
 * of running, so that in nested derivatives every level meets the rule.
 */
export function isFollowed(name: string, inputs: readonly Tensor[]): boolean {
  const trace = traceOf(name, inputs);
  return trace instanceof Tape || trace instanceof ForwardTrace;
}
