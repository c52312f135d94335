// identity: everything is observed.

import { scope } from '../../core/scope.js';
import { checkFloat } from '../../linalg/stack.js';
import { aliasOf } from '../../ops/ownership.js';
import { type ObservationOperator, steadyOperator } from './operator.js';

/**
 * The operator that observes the whole state.
 * @example
 * assimilation.objective({ system, operator: assimilation.identity(), observations: states });
 */
export function identity(): ObservationOperator {
  return steadyOperator(
    Object.freeze({
      apply: (x) => {
        checkFloat('identity', 'x', x);
        return scope(() => aliasOf(x));
      },
    } satisfies ObservationOperator),
  );
}
