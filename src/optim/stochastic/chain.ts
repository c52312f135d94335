// chain(…): transformations of the gradients, one after the other, followed by an optimiser; together an optimiser.
import { describe, describeMade } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { flatten, type Tree, unflatten } from '../../core/tree.js';
import { cloneTensor } from '../../linalg/stack.js';
import { untracedTree } from '../../ops/untraced.js';
import { copyTree, floatLeaves, type Optimizer, type OptimizerState, partLike } from './optimizer.js';
import type { Transformation } from './transformation.js';

/** The state of a chain: the states of its parts. */
export interface ChainState extends OptimizerState {
  transformations: OptimizerState[];
  optimizer: OptimizerState;
}

/**
 * Composes: the gradients pass through the transformations in order, and the result is given to the optimiser. `step`
 * works on a copy of the gradients, which is freed before it returns. An idea of optax.
 * @param parts transformations, then one optimiser (a chain is one, too).
 * @throws ArgumentError for anything else.
 * @example
 * const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam({ learningRate: 1e-3 }));
 */
export function chain(
  ...parts: [...transformations: Transformation[], optimizer: Optimizer]
): Optimizer<ChainState> {
  const optimizer = parts[parts.length - 1] as Optimizer;
  const transformations = parts.slice(0, -1) as Transformation[];
  if (typeof optimizer?.step !== 'function' || typeof optimizer.update !== 'function') {
    throw new ArgumentError(
      `chain: the last part must be an optimiser like optim.adam(), got ${say(optimizer)}`,
    );
  }
  for (const part of transformations) {
    // Functions have a method `apply`, too.
    if (typeof part === 'object' && typeof part?.apply === 'function') continue;
    throw new ArgumentError(
      `chain: every part but the last must be a transformation like optim.clipByGlobalNorm(1), got ${say(part)}`,
    );
  }
  const step = (params: Tree, grads: Tree, state: ChainState): void => {
    checkState(state, transformations.length);
    const leaves = floatLeaves('chain', 'params', params);
    const given = partLike('chain', 'grads', grads, params);
    scope(() => {
      const copies = given.map((leaf) => cloneTensor(leaf, 'chain'));
      transformations.forEach((part, i) => {
        part.apply(copies, state.transformations[i], leaves);
      });
      // The copies are in the order of params, as partLike gives them.
      optimizer.step(params, unflatten(flatten(params, 'chain').structure, copies), state.optimizer);
    });
  };
  return {
    name: `chain(${[...transformations, optimizer].map(({ name }) => name).join(', ')})`,
    init: (params) =>
      scope(() => ({
        transformations: transformations.map((part) => part.init(params)),
        optimizer: optimizer.init(params),
      })),
    update: (params, grads, state) =>
      scope(() => {
        checkState(state, transformations.length);
        untracedTree('chain', 'params', params);
        untracedTree('chain', 'state', state);
        const next = { params: copyTree('chain', params), state: copyTree('chain', state) };
        step(next.params, grads, next.state);
        return next;
      }),
    step,
  };
}

function checkState(state: ChainState, count: number): void {
  if (state?.transformations?.length !== count || state.optimizer === undefined) {
    throw new ArgumentError(
      `chain: state must be what init(params) gives for ${count} transformations, got ${state?.transformations?.length ?? describe(state)}`,
    );
  }
}

function say(part: unknown): string {
  return typeof part === 'object' && part !== null
    ? describe((part as { name?: unknown }).name)
    : describeMade(part);
}
