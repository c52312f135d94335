// The transpose of a loop: the pullback of its step as a loop in the other direction, over kept or recomputed states.

import { closureOf } from '../compiler/closure.js';
import type { Graph } from '../compiler/graph.js';
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { add } from '../ops/arithmetic.js';
import { applyAll, type Derivative, type Op, type TensorSpec } from '../ops/op.js';
import { exchanged, rulesOf } from './rules-of.js';
import { Backward } from './scan-backward.js';
import { Loop, type LoopParams, parts, perStep, realAt } from './scan-loop.js';
import { vjp } from './vjp.js';

/** Runs a loop on operands. */
export type RunLoop = (loop: Loop, operands: readonly Tensor[]) => Tensor[];

/** The graph of the pullback of a step, as a step of a loop in the other direction. */
interface Pullback {
  readonly graph: Graph;
  /** What rules in the step capture from outside: additional constants. */
  readonly captures: readonly Tensor[];
  /** Positions of the differentiated values: of the carry, xs, constants. */
  readonly carryAt: readonly number[];
  readonly xsAt: readonly number[];
  readonly constantsAt: readonly number[];
  /** Number of real results of a step: in the carry, and besides. */
  readonly results: readonly number[];
}

/**
 * Carry of the pullback: cotangents of the carry, then sums for the constants. Its xs: the state, the step's xs,
 * cotangents of y.
 */
function pullbackOf(loop: Loop, wanted: readonly boolean[]): Pullback {
  const { graph } = loop;
  const { carry, xs, index, constants } = loop.specs;
  const asked = loop.split(wanted);
  const carryAt = realAt(carry);
  const xsAt = realAt(xs).filter((i) => asked.xs[i]);
  const constantsAt = realAt(constants).filter((i) => asked.constants[i]);
  const results = realAt(graph.outputs);
  const offset = carry.length + xs.length + index.length;
  const moving = [...carryAt, ...xsAt.map((i) => carry.length + i), ...constantsAt.map((i) => offset + i)];
  const besides = results.length - carryAt.length;
  const step = (...leaves: Tensor[]) => {
    const next = parts(leaves);
    const [ct, sums] = [next(carryAt.length), next(constantsAt.length)];
    const [c, x, cty] = [next(carry.length), next(xs.length), next(besides)];
    const all = [...c, ...x, ...next(index.length), ...next(constants.length)];
    const { pullback } = vjp(
      (...moved: Tensor[]) => {
        const values = graph.evaluate(exchanged(all, moving, moved));
        return results.map((i) => values[i]);
      },
      ...moving.map((i) => all[i]),
    );
    const back = parts(pullback([...ct, ...cty]));
    const [before, ofXs] = [back(carryAt.length), back(xsAt.length)];
    return [...before, ...back(constantsAt.length).map((part, i) => add(sums[i], part)), ...ofXs];
  };
  const pick = (list: readonly TensorSpec[], at: readonly number[]) => at.map((i) => list[i]);
  const { graph: body, captures } = closureOf('scan', step, [
    ...pick(carry, carryAt),
    ...pick(constants, constantsAt),
    ...carry,
    ...xs,
    ...pick(graph.outputs, results).slice(carryAt.length),
    ...index,
    ...constants,
  ]);
  return { graph: body, captures, carryAt, xsAt, constantsAt, results };
}

/** Cotangents of the operands of a loop for those of its real results. */
export function cotangentsOf(
  loop: Loop,
  run: RunLoop,
  inputs: readonly Tensor[],
  wanted: readonly boolean[],
  cts: readonly Tensor[],
  states: readonly Tensor[],
): readonly Derivative[] {
  const pullback = pullbackOf(loop, wanted);
  try {
    const { carryAt, xsAt, constantsAt } = pullback;
    const found = applyAll(
      transposeOp(loop, pullback, run, states.length > 0),
      [...inputs, ...cts, ...pullback.captures, ...states],
      loop.params,
    );
    const next = parts(found);
    const list: Derivative[] = inputs.map(() => undefined);
    const put = (at: readonly number[], offset: number) => {
      const values = next(at.length);
      at.forEach((position, i) => {
        if (wanted[offset + position]) list[offset + position] = values[i];
      });
    };
    put(carryAt, 0);
    put(constantsAt, loop.carry + loop.rows);
    put(xsAt, loop.carry);
    return list;
  } finally {
    pullback.graph.dispose();
  }
}

/**
 * The row of the transpose. Operands: those of the loop, cotangents of its real results, captured values of rules, and
 * states, if there are any. Results: cotangents of the carry, of constants, of xs.
 */
function transposeOp(loop: Loop, pullback: Pullback, run: RunLoop, hasStates: boolean): Op<LoopParams> {
  const { steps } = loop.settings;
  const { carryAt, constantsAt, results, captures } = pullback;
  const count = loop.carry + loop.rows + loop.specs.constants.length;
  const beforeStates = count + results.length + captures.length;
  const counts = {
    carry: carryAt.length + constantsAt.length,
    xs: loop.carry + loop.rows + results.length - carryAt.length + Number(loop.isIndexed),
  };
  const settings = { ...loop.settings, reverse: !loop.settings.reverse };
  const back = new Loop(pullback.graph, counts, settings);
  /** The same as two loops that keep every state, for derivatives of it. */
  const asLoops = (operands: readonly Tensor[]): Tensor[] => {
    const inputs = operands.slice(0, count);
    const { xs, constants } = loop.split(inputs);
    const cts = parts(operands.slice(count));
    const { graph } = closureOf(
      'scan',
      (...leaves: Tensor[]) => [
        ...loop.graph.evaluate(leaves).slice(0, loop.carry),
        ...leaves.slice(0, loop.carry),
      ],
      loop.graph.inputs,
    );
    try {
      const keeping = new Loop(graph, { carry: loop.carry, xs: loop.xs }, loop.settings);
      const states = run(keeping, inputs).slice(loop.carry, 2 * loop.carry);
      const sums = constantsAt.map((i) => zeros(constants[i].shape, { dtype: constants[i].dtype }));
      const first = [...cts(carryAt.length), ...sums];
      const rows = [...states, ...xs, ...cts(results.length - carryAt.length)];
      const all = [...first, ...rows, ...constants, ...cts(captures.length)];
      return run(back, all).slice(0, back.outputs);
    } finally {
      graph.dispose();
    }
  };
  const of = (list: readonly TensorSpec[]) => list.map(({ shape, dtype }) => ({ shape, dtype }));
  return {
    name: 'scanTranspose',
    bodies: [loop.graph, pullback.graph],
    shape() {
      const outputs = of(pullback.graph.outputs);
      return [...outputs.slice(0, counts.carry), ...outputs.slice(counts.carry).map(perStep(steps))];
    },
    prepare(outputs, inputs, _, space) {
      const { carry, xs, constants } = loop.split(inputs.slice(0, count));
      const cts = parts(inputs.slice(count));
      const last = cts(carryAt.length);
      const walk = new Backward(loop, back, hasStates, space);
      const operands = {
        ...{ carry, xs, constants, last, cts: cts(results.length - carryAt.length) },
        captures: cts(captures.length),
        states: inputs.slice(beforeStates),
        outputs: { carry: outputs.slice(0, counts.carry), xs: outputs.slice(counts.carry) },
      };
      return () => walk.run(operands);
    },
    ...rulesOf(asLoops, beforeStates),
  };
}
