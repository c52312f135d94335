// The problems of a batch, each solved on its own, with evaluations of all of them in one call.
import type { Evaluator } from './evaluator.js';
import type { Blocks, Evaluation } from './layout.js';
import type { Asking, Request } from './solver.js';

/**
 * Runs one computation per problem to its end. A round serves all requests without matrices first, so that the costly
 * rounds serve as many problems as possible.
 * @param blocks one per problem, for what the requests ask.
 */
export function runTogether<R>(
  evaluator: Evaluator,
  computations: readonly Asking<R>[],
  blocks: readonly Blocks[],
): R[] {
  const results: R[] = [];
  const pending: (Request | undefined)[] = [];
  const latest: Float64Array[] = [];
  const go = (b: number, answer?: Evaluation) => {
    const { done, value } = answer === undefined ? computations[b].next() : computations[b].next(answer);
    pending[b] = done ? undefined : value;
    if (done) results[b] = value;
    else latest[b] = value.w;
  };
  for (let b = 0; b < computations.length; b++) go(b);
  const spare = blocks.length > 1 ? blocks.map((block) => copyOf(block)) : [];
  while (pending.some((request) => request !== undefined)) {
    const withBlocks = pending.every((request) => request === undefined || request.blocks);
    const served = pending.map((request) => request !== undefined && request.blocks === withBlocks);
    // Problems that are done or wait are evaluated along, into matrices that nobody reads.
    const into = blocks.map((block, b) => (served[b] ? block : spare[b]));
    const answers = evaluator.evaluate(latest, withBlocks ? into : undefined);
    served.forEach((isServed, b) => {
      if (isServed) go(b, answers[b]);
    });
  }
  return results;
}

function copyOf({ costGradient, A, C, G, H }: Blocks): Blocks {
  return {
    costGradient: costGradient.slice(),
    A: A.slice(),
    C: C.slice(),
    G: G.slice(),
    H: H.slice(),
  };
}
