// Values and derivatives of all steps of all problems of a batch, in a number of calls that does not depend on the
// horizon: a step depends on its own state and control only, so one seed serves all steps.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { Copies } from './copies.js';
import { type Call, type PartFunction, stepNumbers, valuesAndGradient } from './functions.js';
import { type Blocks, type Evaluation, type Layout, makeEvaluation } from './layout.js';
import type { Parts, PlainFunctions } from './open-functions.js';
import { derivatives } from './step-derivatives.js';

/** One list per field, of the arrays of all problems. */
type Lists<T> = { readonly [K in keyof T]: readonly T[K][] };
type Evaluations = Lists<Omit<Evaluation, 'cost'>> & { readonly all: readonly Evaluation[] };
type BlockLists = Lists<Blocks>;

function listsOf<T extends object>(all: readonly T[]): Lists<T> {
  const keys = Object.keys(all[0]) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, all.map((one) => one[key])])) as unknown as Lists<T>;
}

/** Evaluates the problems of a batch. */
export class Evaluator {
  readonly #layout: Layout;
  readonly #parts: Parts;
  readonly #stepsOf: PartFunction;
  readonly #lastOf: PartFunction;
  readonly #copies: Copies;
  readonly #call: Call;

  /** `call`: the leading axes (batch, time), or time alone. */
  constructor(layout: Layout, functions: PlainFunctions, call: Call) {
    this.#layout = layout;
    this.#parts = functions.parts;
    this.#stepsOf = functions.at('steps', call);
    this.#lastOf = functions.at('last', { ...call, lead: call.lead.slice(0, -1) });
    this.#call = call;
    this.#copies = new Copies(layout, call);
  }

  /** At w, the unknowns of each problem; with `blocks` the matrices as well, one per problem. */
  evaluate(w: readonly Float64Array[], blocks?: readonly Blocks[]): Evaluation[] {
    const all = w.map(() => makeEvaluation(this.#layout));
    const out = { all, ...listsOf(all) };
    const matrices = blocks && listsOf(blocks);
    scope(() => this.#steps(w, out, matrices));
    scope(() => this.#last(w, out, matrices));
    return all;
  }

  #steps(w: readonly Float64Array[], out: Evaluations, blocks?: BlockLists): void {
    const { T, nx, nu, nz, u, q, p, nuAt, muAt } = this.#layout;
    const { equality, inequality } = this.#parts;
    const copies = this.#copies;
    const point = [copies.steps(w, 0, nx, nx), copies.steps(w, 0, u, nu)];
    const multipliers = [
      copies.steps(w, 1, 0, nx),
      ...(equality ? [copies.steps(w, 0, nuAt, q)] : []),
      ...(inequality ? [copies.steps(w, 0, muAt, p)] : []),
    ];
    const numbers = stepNumbers(this.#call);
    const f = this.#stepsOf;
    const all = (xs: readonly Tensor[]) => {
      const { values, gradient } = valuesAndGradient((z) => f([...z, numbers]), xs, true, multipliers);
      return [...gradient, ...values];
    };
    const take = ([gx, gu, cost, next, ...rest]: readonly Tensor[]) => {
      scatter(gx, [T, nx], out.gradient, [0, nz, 1]);
      scatter(gu, [T, nu], out.gradient, [nx, nz, 1]);
      total(cost, out.all);
      scatter(next, [T, nx], out.next, [0, nx, 1]);
      if (equality) scatter(rest[0], [T, q], out.h, [0, q, 1]);
      if (inequality) scatter(rest[Number(equality)], [T, p], out.g, [0, p, 1]);
    };
    if (blocks === undefined) {
      take(all(point));
      return;
    }
    derivatives(all, point, [nx, nu], take, (j, [gx, gu, cost, next, ...rest]) => {
      const { H } = blocks;
      const column = (y: Tensor, m: number, to: readonly Float64Array[]) =>
        scatter(y, [T, m], to, [j, m * nz, nz]);
      scatter(gx, [T, nx], H, [j, nz * nz, nz]);
      scatter(gu, [T, nu], H, [nx * nz + j, nz * nz, nz]);
      scatter(cost, [T, 1], blocks.costGradient, [j, nz, 1]);
      column(next, nx, blocks.A);
      if (equality) column(rest[0], q, blocks.C);
      if (inequality) column(rest[Number(equality)], p, blocks.G);
    });
  }

  #last(w: readonly Float64Array[], out: Evaluations, blocks?: BlockLists): void {
    const { T, nx, nz, q, p, qT, pT, last, nuLast, muLast } = this.#layout;
    const { finalCost, finalEquality, finalInequality } = this.#parts;
    if (!finalCost && !finalEquality && !finalInequality) return;
    const copies = this.#copies;
    const multipliers = [
      ...(finalEquality ? [copies.last(w, nuLast, qT)] : []),
      ...(finalInequality ? [copies.last(w, muLast, pT)] : []),
    ];
    const f = this.#lastOf;
    const all = (xs: readonly Tensor[]) => {
      const { values, gradient } = valuesAndGradient(f, xs, finalCost, multipliers);
      return [...gradient, ...values];
    };
    const named = ([gx, ...values]: readonly Tensor[]) => {
      let k = 0;
      return {
        gx,
        cost: finalCost ? values[k++] : undefined,
        equality: finalEquality ? values[k++] : undefined,
        inequality: finalInequality ? values[k++] : undefined,
      };
    };
    const take = (list: readonly Tensor[]) => {
      const { gx, cost, equality, inequality } = named(list);
      scatter(gx, [1, nx], out.gradient, [T * nz, 0, 1]);
      if (cost) total(cost, out.all);
      if (equality) scatter(equality, [1, qT], out.h, [T * q, 0, 1]);
      if (inequality) scatter(inequality, [1, pT], out.g, [T * p, 0, 1]);
    };
    const point = [copies.last(w, last + nx, nx)];
    if (blocks === undefined) {
      take(all(point));
      return;
    }
    derivatives(all, point, [nx], take, (j, list) => {
      const { gx, cost, equality, inequality } = named(list);
      scatter(gx, [1, nx], blocks.H, [T * nz * nz + j, 0, nx]);
      if (cost) scatter(cost, [1, 1], blocks.costGradient, [T * nz + j, 0, 1]);
      if (equality) scatter(equality, [1, qT], blocks.C, [T * q * nz + j, 0, nx]);
      if (inequality) scatter(inequality, [1, pT], blocks.G, [T * p * nz + j, 0, nx]);
    });
  }
}

/** Entry (b, t, i) of a tensor [batch, T, m] to position from + t * step + i * stride of array b. */
function scatter(
  y: Tensor,
  [T, m]: readonly [number, number],
  to: readonly Float64Array[],
  [from, step, stride]: readonly [number, number, number],
): void {
  const data = y.data();
  let at = 0;
  for (const array of to)
    for (let t = 0; t < T; t++) for (let i = 0; i < m; i++) array[from + t * step + i * stride] = data[at++];
}

/** Adds the costs of each problem. */
function total(y: Tensor, out: readonly Evaluation[]): void {
  const data = y.data();
  const count = data.length / out.length;
  out.forEach((evaluation, b) => {
    for (let k = b * count; k < (b + 1) * count; k++) evaluation.cost += data[k];
  });
}
