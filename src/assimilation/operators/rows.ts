// Observations of several states at once.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { stack } from '../../ops/concat.js';
import { rowAt } from '../../ops/slice.js';
import type { Observer } from './operator.js';

/** Observations of the states [...batch, rows, ...state] along `axis`, which stand at these steps: [...batch, rows, ...observation]. */
export function observedRows(
  observer: Observer,
  states: Tensor,
  axis: number,
  steps: readonly number[],
): Tensor {
  if (observer.steady) return observer.at(states, 0);
  const rows = steps.map((step, i) => scope(() => observer.at(rowAt(states, axis, i), step)));
  return stack(rows, axis);
}
