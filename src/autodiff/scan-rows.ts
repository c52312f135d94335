// The rows of scan: the loop, and its transpose, which walks back over states that are kept or computed again.
import { zeros } from '../core/create.js';
import type { Tensor } from '../core/tensor.js';
import { closureOf } from '../graph/closure.js';
import type { Graph } from '../graph/graph.js';
import { fixed, type LoopBody, LoopStep, rowsOf } from '../graph/loop.js';
import { add } from '../ops/arithmetic.js';
import { applyAll, type Derivative, type Op, type TensorSpec } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { traceOf } from '../ops/tracer.js';
import { jvp } from './jvp.js';
import { Tape } from './reverse.js';
import { Backward } from './scan-backward.js';
import { type Schedule, segmentOf } from './schedule.js';
import { vjp } from './vjp.js';

/** Parameters of a loop. */
export interface LoopSettings {
  readonly steps: number;
  readonly reverse: boolean;
  /** Whether the last of what each step has for itself is its number. */
  readonly isIndexed: boolean;
  readonly schedule: Schedule;
}

type LoopParams = { length: number; reverse: boolean };

/** A loop: the graph of a step, and how it runs. Operands of a call: the first carry, xs with a row per step, and constants. */
export class Loop implements LoopBody {
  readonly graph: Graph;
  readonly carry: number;
  readonly xs: number;
  readonly settings: LoopSettings;

  constructor(graph: Graph, counts: { carry: number; xs: number }, settings: LoopSettings) {
    this.graph = graph;
    this.carry = counts.carry;
    this.xs = counts.xs;
    this.settings = settings;
  }

  get isIndexed(): boolean {
    return this.settings.isIndexed;
  }

  get results(): number {
    return this.graph.outputs.length;
  }

  /** Outputs of a call. */
  get outputs(): number {
    return this.graph.outputs.length;
  }

  get params(): LoopParams {
    return { length: this.settings.steps, reverse: this.settings.reverse };
  }

  /** Operands of a call that have a row per step. */
  get rows(): number {
    return this.xs - Number(this.isIndexed);
  }

  /** Row of step i of the run. */
  at(i: number): number {
    return this.settings.reverse ? this.settings.steps - 1 - i : i;
  }

  /** The operands of a call by their parts. */
  split<T>(operands: readonly T[]): { carry: readonly T[]; xs: readonly T[]; constants: readonly T[] } {
    const [first, last] = [this.carry, this.carry + this.rows];
    return {
      carry: operands.slice(0, first),
      xs: operands.slice(first, last),
      constants: operands.slice(last),
    };
  }

  /** Specs of the operands as a step sees them, and of its number. */
  get specs(): { carry: TensorSpec[]; xs: TensorSpec[]; index: TensorSpec[]; constants: TensorSpec[] } {
    const specs: TensorSpec[] = this.graph.inputs.map(({ shape, dtype }) => ({ shape, dtype }));
    const [first, last] = [this.carry, this.carry + this.rows];
    const index = last + Number(this.isIndexed);
    return {
      carry: specs.slice(0, first),
      xs: specs.slice(first, last),
      index: specs.slice(last, index),
      constants: specs.slice(index),
    };
  }
}

/** A tensor of one more axis in front. */
const perStep = (steps: number) => (spec: TensorSpec) => ({
  shape: [steps, ...spec.shape],
  dtype: spec.dtype,
});
const isReal = ({ dtype }: TensorSpec) => dtype !== 'i32';
const realAt = (specs: readonly TensorSpec[]) => specs.flatMap((spec, i) => (isReal(spec) ? [i] : []));

/** The list with some of its tensors exchanged. */
function exchanged(list: readonly Tensor[], at: readonly number[], by: readonly Tensor[]): Tensor[] {
  const all = [...list];
  at.forEach((position, i) => {
    all[position] = by[i];
  });
  return all;
}

/** Hands out the tensors of a list in parts. */
function parts(list: readonly Tensor[]): (count: number) => Tensor[] {
  let at = 0;
  return (count) => list.slice(at, (at += count));
}

/**
 * The row of a loop. Where reverse mode follows the operands and keeps about the square root of the states, those are further
 * outputs.
 */
export function scanOp(loop: Loop, operands: readonly Tensor[]): Op<LoopParams> {
  const { graph, settings } = loop;
  const { steps, schedule } = settings;
  const keeps = schedule.kind === 'sqrt' && steps > 1 && traceOf('scan', operands) instanceof Tape;
  const segment = segmentOf(steps);
  return {
    name: 'scan',
    bodies: [graph],
    shape() {
      const outputs: TensorSpec[] = graph.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
      const states = keeps ? loop.specs.carry.map(perStep(Math.ceil(steps / segment))) : [];
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
          if (keeps && i % segment === 0) step.store(states, i / segment);
          step.run(loop.at(i));
        }
        step.store(last);
      };
    },
    jvp: (tangents, { inputs, outputs }) => tangentsOf(loop, tangents, inputs, outputs),
    vjp(cotangents, { inputs, outputs, wanted }) {
      const real = realAt(outputs.slice(0, loop.outputs));
      const cts = real.map((i) => orZeros(cotangents[i], outputs[i]));
      return cotangentsOf(loop, inputs, wanted, cts, outputs.slice(loop.outputs));
    },
  };
}

/** The loop of values and tangents. */
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
  const { graph: body } = closureOf('scan', step, [
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
    ];
    const found = applyAll(scanOp(moved, operands), operands, moved.params);
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

/** What a step gives back: the graph of its pullback, as a step of a loop that runs the other way. */
interface Pullback {
  readonly graph: Graph;
  /** Positions of what is differentiated: values of the carry, xs, constants. */
  readonly carryAt: readonly number[];
  readonly xsAt: readonly number[];
  readonly constantsAt: readonly number[];
  /** Real results of a step: of the carry, and beside it. */
  readonly results: readonly number[];
}

/** Carry of the pullback: cotangents of the carry, then sums for the constants. Its xs: the state, the step's xs, cotangents of y. */
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
  const { graph: body } = closureOf('scan', step, [
    ...pick(carry, carryAt),
    ...pick(constants, constantsAt),
    ...carry,
    ...xs,
    ...pick(graph.outputs, results).slice(carryAt.length),
    ...index,
    ...constants,
  ]);
  return { graph: body, carryAt, xsAt, constantsAt, results };
}

/** Cotangents of the operands of a loop for those of its real results. */
function cotangentsOf(
  loop: Loop,
  inputs: readonly Tensor[],
  wanted: readonly boolean[],
  cts: readonly Tensor[],
  states: readonly Tensor[],
): readonly Derivative[] {
  const pullback = pullbackOf(loop, wanted);
  try {
    const { carryAt, xsAt, constantsAt } = pullback;
    const found = applyAll(
      transposeOp(loop, pullback, states.length > 0),
      [...inputs, ...cts, ...states],
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
 * The row of the transpose. Operands: those of the loop, cotangents of its real results, and states if there are any. Results:
 * cotangents of the carry, of constants, of xs.
 */
function transposeOp(loop: Loop, pullback: Pullback, hasStates: boolean): Op<LoopParams> {
  const { steps } = loop.settings;
  const { carryAt, constantsAt, results } = pullback;
  const count = loop.carry + loop.rows + loop.specs.constants.length;
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
    const cts = parts(operands.slice(count, count + results.length));
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
      const states = applyAll(scanOp(keeping, inputs), inputs, keeping.params).slice(
        loop.carry,
        2 * loop.carry,
      );
      const sums = constantsAt.map((i) => zeros(constants[i].shape, { dtype: constants[i].dtype }));
      const first = [...cts(carryAt.length), ...sums];
      const rows = [...states, ...xs, ...cts(results.length - carryAt.length)];
      const all = [...first, ...rows, ...constants];
      return applyAll(scanOp(back, all), all, back.params).slice(0, back.outputs);
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
      const cts = parts(inputs.slice(count, count + results.length));
      const last = cts(carryAt.length);
      const walk = new Backward(loop, back, hasStates, space);
      const operands = {
        ...{ carry, xs, constants, last, cts: cts(results.length - carryAt.length) },
        states: inputs.slice(count + results.length),
        outputs: { carry: outputs.slice(0, counts.carry), xs: outputs.slice(counts.carry) },
      };
      return () => walk.run(operands);
    },
    jvp(tangents, { inputs, outputs }) {
      const at = tangents.flatMap((t, i) => (t === undefined || i >= count + results.length ? [] : [i]));
      if (at.length === 0) return outputs.map(() => undefined);
      return jvp(
        (...moved: Tensor[]) => asLoops(exchanged(inputs, at, moved)),
        at.map((i) => inputs[i]),
        at.map((i) => tangents[i]),
      ).tangent;
    },
    vjp(cotangents, { inputs, outputs, wanted }) {
      const at = inputs.flatMap((x, i) => (wanted[i] && isReal(x) && i < count + results.length ? [i] : []));
      const list: Derivative[] = inputs.map(() => undefined);
      if (at.length === 0) return list;
      const { pullback: pull } = vjp(
        (...moved: Tensor[]) => asLoops(exchanged(inputs, at, moved)),
        ...at.map((i) => inputs[i]),
      );
      pull(outputs.map((y, i) => orZeros(cotangents[i], y))).forEach((ct: Tensor, k: number) => {
        list[at[k]] = ct;
      });
      return list;
    },
  };
}
