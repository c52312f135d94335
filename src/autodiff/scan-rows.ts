// The row of scan: a loop; its tangents are a loop over values and tangents.

import { closureOf } from '../compiler/closure.js';
import { fixed, LoopStep, rowsOf } from '../compiler/loop.js';
import type { Tensor } from '../core/tensor.js';
import { applyAll, type Derivative, type Op, type TensorSpec } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { traceOf } from '../ops/tracer.js';
import { jvp } from './jvp.js';
import { Tape } from './reverse.js';
import { exchanged } from './rules-of.js';
import { Loop, type LoopParams, parts, perStep, realAt } from './scan-loop.js';
import { cotangentsOf } from './scan-transpose.js';
import { keptEvery } from './schedule.js';

/** Runs a loop on operands; as its own node if a function is being recorded. */
export function runLoop(loop: Loop, operands: readonly Tensor[]): Tensor[] {
  return applyAll(scanOp(loop, operands), operands, loop.params);
}

/**
 * The row of a loop. If reverse mode traces the operands and keeps all states or about their square root, those are
 * additional outputs.
 */
function scanOp(loop: Loop, operands: readonly Tensor[]): Op<LoopParams> {
  const { graph, settings } = loop;
  const { steps, schedule } = settings;
  const segment = traceOf('scan', operands) instanceof Tape ? keptEvery(schedule, steps) : undefined;
  return {
    name: 'scan',
    bodies: [graph],
    shape() {
      const outputs: TensorSpec[] = graph.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
      const states = segment === undefined ? [] : loop.specs.carry.map(perStep(Math.ceil(steps / segment)));
      return [...outputs.slice(0, loop.carry), ...outputs.slice(loop.carry).map(perStep(steps)), ...states];
    },
    prepare(outputs, inputs, _, space) {
      const step = new LoopStep(loop, space);
      const { carry, xs, constants } = loop.split(inputs);
      const [first, rows, last] = [fixed(carry), rowsOf(xs), fixed(outputs.slice(0, loop.carry))];
      const ys = rowsOf(outputs.slice(loop.carry, loop.outputs));
      const states = rowsOf(outputs.slice(loop.outputs));
      return () => {
        step.begin(rows, constants, ys);
        step.load(first);
        for (let i = 0; i < steps; i++) {
          if (segment !== undefined && i % segment === 0) step.store(states, i / segment);
          step.run(loop.at(i));
        }
        step.store(last);
      };
    },
    jvp: (tangents, { inputs, outputs }) => tangentsOf(loop, tangents, inputs, outputs),
    vjp(cotangents, { inputs, outputs, wanted }) {
      const real = realAt(outputs.slice(0, loop.outputs));
      const cts = real.map((i) => orZeros(cotangents[i], outputs[i]));
      return cotangentsOf(loop, runLoop, inputs, wanted, cts, outputs.slice(loop.outputs));
    },
  };
}

/** The loop over values and tangents. */
function tangentsOf(
  loop: Loop,
  tangents: readonly Derivative[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): readonly Derivative[] {
  const { graph, settings } = loop;
  const { carry, xs, index, constants } = loop.specs;
  const given = loop.split(tangents);
  const carryAt = realAt(carry);
  const present = (list: readonly Derivative[]) => list.flatMap((t, i) => (t === undefined ? [] : [i]));
  const [xsAt, constantsAt] = [present(given.xs), present(given.constants)];
  const offset = carry.length + xs.length;
  const moving = [
    ...carryAt,
    ...xsAt.map((i) => carry.length + i),
    ...constantsAt.map((i) => offset + index.length + i),
  ];
  const results = realAt(graph.outputs);
  const step = (...leaves: Tensor[]) => {
    const next = parts(leaves);
    const [c, tc] = [next(carry.length), next(carryAt.length)];
    const [x, tx, n] = [next(xs.length), next(xsAt.length), next(index.length)];
    const [k, tk] = [next(constants.length), next(constantsAt.length)];
    const all = [...c, ...x, ...n, ...k];
    const { value, tangent } = jvp(
      (...moved: Tensor[]) => graph.evaluate(exchanged(all, moving, moved)),
      moving.map((i) => all[i]),
      [...tc, ...tx, ...tk],
    );
    const real = (list: readonly Tensor[]) => list.filter((_, i) => results.includes(i));
    const split = loop.carry;
    const realCarry = results.filter((i) => i < split).length;
    const t = real(tangent);
    return [...value.slice(0, split), ...t.slice(0, realCarry), ...value.slice(split), ...t.slice(realCarry)];
  };
  const pick = (list: readonly TensorSpec[], at: readonly number[]) => at.map((i) => list[i]);
  const { graph: body, captures } = closureOf('scan', step, [
    ...carry,
    ...pick(carry, carryAt),
    ...xs,
    ...pick(xs, xsAt),
    ...index,
    ...constants,
    ...pick(constants, constantsAt),
  ]);
  try {
    const counts = { carry: carry.length + carryAt.length, xs: xs.length + xsAt.length + index.length };
    const moved = new Loop(body, counts, settings);
    const values = loop.split(inputs);
    const operands = [
      ...values.carry,
      ...carryAt.map((i) => orZeros(given.carry[i], values.carry[i])),
      ...values.xs,
      ...xsAt.map((i) => given.xs[i] as Tensor),
      ...values.constants,
      ...constantsAt.map((i) => given.constants[i] as Tensor),
      ...captures,
    ];
    const found = runLoop(moved, operands);
    const next = parts(found);
    next(carry.length);
    const tangentsOfCarry = next(carryAt.length);
    next(loop.outputs - loop.carry);
    const all = [...tangentsOfCarry, ...next(results.length - carryAt.length)];
    const list: Derivative[] = outputs.map(() => undefined);
    results.forEach((position, i) => {
      list[position] = all[i];
    });
    return list;
  } finally {
    body.dispose();
  }
}
