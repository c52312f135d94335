// The derivative of a solution, by the implicit function theorem on its optimality conditions, with the inequalities
// that hold with equality as equalities. Time and memory are linear in the horizon.
import { tensor } from '../../core/create.js';
import { type ConvergenceError, SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { expandDims, reshape } from '../../ops/layout.js';
import { apply, type Op } from '../../ops/op.js';
import { slice } from '../../ops/slice.js';
import { leavesOf, type OwnSolve, type Residual, vectorOf } from '../../solve/linear-system.js';
import { factorActive, refined } from './active-set.js';
import {
  type Call,
  NAME,
  type Part,
  type PartFunction,
  stepNumbers,
  valuesAndGradient,
} from './functions.js';
import { ControlMatrix } from './kkt.js';
import type { Blocks, Layout } from './layout.js';
import type { Parts } from './open-functions.js';

/** A part of the unknowns as a tensor [...batch, time?, width]: where it lies in the layout. */
interface Leaf {
  readonly at: number;
  readonly width: number;
  /** The number of steps; undefined for a part of the last state. */
  readonly steps: number | undefined;
}

/** States, controls, multipliers of the dynamics, and of those constraints that there are. */
export function leavesOfLayout(layout: Layout, parts: Parts): Leaf[] {
  const { T, nx, nu, u, q, p, qT, pT, nuAt, muAt, nuLast, muLast } = layout;
  return [
    { at: nx, width: nx, steps: T + 1 },
    { at: u, width: nu, steps: T },
    { at: 0, width: nx, steps: T + 1 },
    ...(parts.equality ? [{ at: nuAt, width: q, steps: T }] : []),
    ...(parts.inequality ? [{ at: muAt, width: p, steps: T }] : []),
    ...(parts.finalEquality ? [{ at: nuLast, width: qT, steps: undefined }] : []),
    ...(parts.finalInequality ? [{ at: muLast, width: pT, steps: undefined }] : []),
  ];
}

/** Calls `each` for every entry of the leaves, one leaf after the other, with its place in w. */
function walk(
  { stride }: Layout,
  leaves: readonly Leaf[],
  count: number,
  each: (problem: number, at: number, entry: number) => void,
): void {
  let entry = 0;
  for (const { at, width, steps } of leaves)
    for (let b = 0; b < count; b++)
      for (let t = 0; t < (steps ?? 1); t++)
        for (let i = 0; i < width; i++) each(b, at + t * stride + i, entry++);
}

/** The unknowns of all problems as tensors. */
export function unknownsOf(layout: Layout, parts: Parts, call: Call, w: readonly Float64Array[]): Tensor[] {
  const batch = call.lead.slice(0, -1);
  const leaves = leavesOfLayout(layout, parts);
  return leaves.map((leaf) => {
    const { width, steps } = leaf;
    const data = new Float64Array(w.length * (steps ?? 1) * width);
    walk(layout, [leaf], w.length, (b, at, entry) => void (data[entry] = w[b][at]));
    const shape = [...batch, ...(steps === undefined ? [] : [steps]), width];
    return tensor(data, { shape, dtype: call.dtype });
  });
}

/**
 * The optimality conditions, one tensor per unknown: the gradient of the Lagrangian in it; for inequalities that do not
 * hold with equality μ = 0.
 * @param part the functions for parameters, `masks` are 1 where an inequality holds with equality.
 */
export function conditions(
  layout: Layout,
  parts: Parts,
  call: Call,
  part: (part: Part, theta: Tree) => PartFunction,
  theta: (params: readonly Tensor[]) => Tree,
  masks: { steps?: Tensor; last?: Tensor },
): Residual {
  const { T } = layout;
  const time = call.lead.length - 1;
  const between = (x: Tensor, from: number, to: number) => {
    const begin = x.shape.map((_, axis) => (axis === time ? from : 0));
    return slice(
      x,
      begin,
      x.shape.map((extent, axis) => (axis === time ? to : extent)),
    );
  };
  const last = (x: Tensor) => {
    return reshape(between(x, T, T + 1), [...x.shape.slice(0, time), x.shape[time + 1]]);
  };
  /** g where it holds with equality, else μ. */
  const either = (mask: Tensor, g: Tensor, mu: Tensor) => add(mul(mask, g), mul(sub(1, mask), mu));
  return (params, [x, u, lambda, ...multipliers]) => {
    const rest = [...multipliers];
    const take = (isThere: boolean) => (isThere ? (rest.shift() as Tensor) : undefined);
    const [nu, mu] = [take(parts.equality), take(parts.inequality)];
    const [nuLast, muLast] = [take(parts.finalEquality), take(parts.finalInequality)];
    const masked = (mask: Tensor | undefined, y: Tensor | undefined) =>
      y === undefined ? [] : [mul(mask as Tensor, y)];
    const tree = theta(params.slice(0, -1));
    const numbers = stepNumbers(call);
    const steps = part('steps', tree);
    const { values, gradient } = valuesAndGradient(
      (z) => steps([...z, numbers]),
      [between(x, 0, T), u],
      true,
      [between(lambda, 1, T + 1), ...(nu ? [nu] : []), ...masked(masks.steps, mu)],
    );
    const [, next, ...constraints] = values;
    const xT = last(x);
    const hasLast = parts.finalCost || parts.finalEquality || parts.finalInequality;
    const end = hasLast
      ? valuesAndGradient(part('last', tree), [xT], parts.finalCost, [
          ...(nuLast ? [nuLast] : []),
          ...masked(masks.last, muLast),
        ])
      : { values: [], gradient: [mul(xT, 0)] };
    const endConstraints = end.values.slice(Number(parts.finalCost));
    const gradientX = concat([gradient[0], expandDims(end.gradient[0], time)], time);
    const before = concat([expandDims(params[params.length - 1], time), next], time);
    return [
      sub(gradientX, lambda),
      gradient[1],
      sub(before, x),
      ...(nu ? [constraints[0]] : []),
      ...(mu ? [either(masks.steps as Tensor, constraints[Number(parts.equality)], mu)] : []),
      ...(nuLast ? [endConstraints[0]] : []),
      ...(muLast ? [either(masks.last as Tensor, endConstraints[Number(parts.finalEquality)], muLast)] : []),
    ];
  };
}

/** The matrices at the solution of each problem, and which inequalities hold with equality. */
interface Solution {
  readonly blocks: readonly Blocks[];
  readonly active: readonly Uint8Array[];
}

/** Factors of the optimality system of each problem; they are made when the first derivative is asked for. */
export class ControlSystem {
  readonly #layout: Layout;
  readonly #leaves: readonly Leaf[];
  readonly #solution: Solution;
  readonly #where: (b: number) => string;
  #factors: ControlMatrix[] | undefined;
  readonly #unsolved: ConvergenceError | undefined;
  readonly count: number;

  /** `unsolved`: the error of derivatives if there is no solution. */
  constructor(
    layout: Layout,
    parts: Parts,
    count: number,
    solution: Solution,
    where: (b: number) => string,
    unsolved: ConvergenceError | undefined,
  ) {
    this.#layout = layout;
    this.#leaves = leavesOfLayout(layout, parts);
    this.#solution = solution;
    this.#where = where;
    this.#unsolved = unsolved;
    this.count = count;
  }

  #factored(): ControlMatrix[] {
    if (this.#factors !== undefined) return this.#factors;
    const { blocks, active } = this.#solution;
    this.#factors = blocks.map((block, b) => {
      const system = new ControlMatrix(this.#layout);
      factorActive(system, this.#layout, block, active[b]);
      if (!(system.lu.smallestPivot > 1e-15)) throw this.#notUnique(b);
      return system;
    });
    return this.#factors;
  }

  #notUnique(b: number): SingularMatrixError {
    return new SingularMatrixError(
      `${NAME}: the solution is not unique${this.#where(b)}: the curvature of the Lagrangian is 0 along the constraints, so that ` +
        'there is no derivative (a cost on the controls helps)',
      b,
    );
  }

  /** out := A⁻¹ b on the entries of the leaves; the matrix is symmetric. */
  solve(b: ArrayLike<number>, out: { [i: number]: number }): void {
    if (this.#unsolved !== undefined) throw this.#unsolved;
    const right = Array.from({ length: this.count }, () => new Float64Array(this.#layout.size));
    walk(this.#layout, this.#leaves, this.count, (k, at, entry) => void (right[k][at] = b[entry]));
    const solutions = this.#factored().map((system, k) => {
      const { x, error } = refined(system, this.#layout, right[k]);
      if (!(error < 1e-6)) throw this.#notUnique(k);
      return x;
    });
    walk(this.#layout, this.#leaves, this.count, (k, at, entry) => void (out[entry] = solutions[k][at]));
  }
}

/** Row of the table: A⁻¹ b for the system of a solution. */
const controlSystem: Op<{ system: ControlSystem }> = {
  name: NAME,
  shape: ([b]) => b,
  prepare:
    ([out], [b], { system }) =>
    () =>
      system.solve(b.data(), out.data()),
  jvp: ([t], { params }) => t && apply(controlSystem, [t], params),
  vjp: ([ct], { params }) => [apply(controlSystem, [ct as Tensor], params)],
};

/** Solves the linear systems of the implicit function theorem. */
export function solveBy(system: ControlSystem): OwnSolve {
  return (b) => leavesOf(apply(controlSystem, [vectorOf(b)], { system }), b);
}
