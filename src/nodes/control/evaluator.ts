// Values and derivatives of all steps of all problems of a batch, in a number of calls that does not depend on the
// horizon: a step depends on its own state and control only, so one seed serves all steps.
import { jvp } from '../../autodiff/jvp.js';
import { linearMap } from '../../autodiff/linearize.js';
import { tensor, zeros } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Shape } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { UnknownValueError } from '../../ops/tracer.js';
import {
  type Call,
  NAME,
  type Part,
  type PartFunction,
  stepNumbers,
  valuesAndGradient,
} from './functions.js';
import { type Blocks, type Evaluation, type Layout, makeEvaluation } from './layout.js';

/** Which functions there are, besides dynamics and cost. */
export interface Parts {
  readonly finalCost: boolean;
  readonly equality: boolean;
  readonly inequality: boolean;
  readonly finalEquality: boolean;
  readonly finalInequality: boolean;
}

/** The functions on plain tensors. */
export interface PlainFunctions {
  readonly parts: Parts;
  /** For calls with these leading axes. */
  at(part: Part, call: Call): PartFunction;
}

/** Copies between the unknowns of the problems, w, and tensors [batch, time, width]. */
class Copies {
  readonly layout: Layout;
  readonly call: Call;
  readonly batch: Shape;

  constructor(layout: Layout, call: Call) {
    this.layout = layout;
    this.call = call;
    this.batch = call.lead.slice(0, -1);
  }

  /** The entries `at` … `at + width` of the steps from `first` on. */
  steps(w: readonly Float64Array[], first: number, at: number, width: number): Tensor {
    const { T, stride } = this.layout;
    const out = allocate([...this.call.lead, width], this.call.dtype, NAME);
    const data = out.data();
    let to = 0;
    for (const v of w)
      for (let t = first; t < first + T; t++)
        for (let i = 0; i < width; i++) data[to++] = v[t * stride + at + i];
    return out;
  }

  last(w: readonly Float64Array[], at: number, width: number): Tensor {
    const out = allocate([...this.batch, width], this.call.dtype, NAME);
    const data = out.data();
    w.forEach((v, b) => {
      for (let i = 0; i < width; i++) data[b * width + i] = v[at + i];
    });
    return out;
  }
}

/** Evaluates the problems of a batch. */
export class Evaluator {
  readonly #layout: Layout;
  readonly #functions: PlainFunctions;
  readonly #copies: Copies;
  readonly #lastCall: Call;
  readonly #call: Call;

  /** `call`: the leading axes (batch, time), or time alone. */
  constructor(layout: Layout, functions: PlainFunctions, call: Call) {
    this.#layout = layout;
    this.#functions = functions;
    this.#call = call;
    this.#lastCall = { ...call, lead: call.lead.slice(0, -1) };
    this.#copies = new Copies(layout, call);
  }

  /** At w, the unknowns of each problem; with `blocks` the matrices as well, one per problem. */
  evaluate(w: readonly Float64Array[], blocks?: readonly Blocks[]): Evaluation[] {
    const out = w.map(() => makeEvaluation(this.#layout));
    scope(() => this.#steps(w, out, blocks));
    scope(() => this.#last(w, out, blocks));
    return out;
  }

  #steps(w: readonly Float64Array[], out: Evaluation[], blocks?: readonly Blocks[]): void {
    const { T, nx, nu, nz, u, q, p, nuAt, muAt } = this.#layout;
    const { equality, inequality } = this.#functions.parts;
    const copies = this.#copies;
    const point = [copies.steps(w, 0, nx, nx), copies.steps(w, 0, u, nu)];
    const multipliers = [
      copies.steps(w, 1, 0, nx),
      ...(equality ? [copies.steps(w, 0, nuAt, q)] : []),
      ...(inequality ? [copies.steps(w, 0, muAt, p)] : []),
    ];
    const numbers = stepNumbers(this.#call);
    const f = this.#functions.at('steps', this.#call);
    const all = (xs: readonly Tensor[]) => {
      const { values, gradient } = valuesAndGradient((z) => f([...z, numbers]), xs, true, multipliers);
      return [...gradient, ...values];
    };
    const take = ([gx, gu, cost, next, ...rest]: readonly Tensor[]) => {
      rows(gx, T, nx, (b, t, i, v) => void (out[b].gradient[t * nz + i] = v));
      rows(gu, T, nu, (b, t, i, v) => void (out[b].gradient[t * nz + nx + i] = v));
      rows(cost, T, 1, (b, _t, _i, v) => void (out[b].cost += v));
      rows(next, T, nx, (b, t, i, v) => void (out[b].next[t * nx + i] = v));
      if (equality) rows(rest[0], T, q, (b, t, i, v) => void (out[b].h[t * q + i] = v));
      if (inequality) rows(rest[Number(equality)], T, p, (b, t, i, v) => void (out[b].g[t * p + i] = v));
    };
    if (blocks === undefined) {
      take(all(point));
      return;
    }
    derivatives(all, point, [nx, nu], take, (j, [gx, gu, cost, next, ...rest]) => {
      const column = (to: 'A' | 'C' | 'G', m: number, y: Tensor) =>
        rows(y, T, m, (b, t, i, v) => void (blocks[b][to][(t * m + i) * nz + j] = v));
      rows(gx, T, nx, (b, t, i, v) => void (blocks[b].H[(t * nz + i) * nz + j] = v));
      rows(gu, T, nu, (b, t, i, v) => void (blocks[b].H[(t * nz + nx + i) * nz + j] = v));
      rows(cost, T, 1, (b, t, _i, v) => void (blocks[b].costGradient[t * nz + j] = v));
      column('A', nx, next);
      if (equality) column('C', q, rest[0]);
      if (inequality) column('G', p, rest[Number(equality)]);
    });
  }

  #last(w: readonly Float64Array[], out: Evaluation[], blocks?: readonly Blocks[]): void {
    const { T, nx, nz, q, p, qT, pT, last, nuLast, muLast } = this.#layout;
    const { finalCost, finalEquality, finalInequality } = this.#functions.parts;
    if (!finalCost && !finalEquality && !finalInequality) return;
    const copies = this.#copies;
    const multipliers = [
      ...(finalEquality ? [copies.last(w, nuLast, qT)] : []),
      ...(finalInequality ? [copies.last(w, muLast, pT)] : []),
    ];
    const f = this.#functions.at('last', this.#lastCall);
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
      rows(gx, 1, nx, (b, _t, i, v) => void (out[b].gradient[T * nz + i] = v));
      if (cost) rows(cost, 1, 1, (b, _t, _i, v) => void (out[b].cost += v));
      if (equality) rows(equality, 1, qT, (b, _t, i, v) => void (out[b].h[T * q + i] = v));
      if (inequality) rows(inequality, 1, pT, (b, _t, i, v) => void (out[b].g[T * p + i] = v));
    };
    const point = [copies.last(w, last + nx, nx)];
    if (blocks === undefined) {
      take(all(point));
      return;
    }
    derivatives(all, point, [nx], take, (j, list) => {
      const { gx, cost, equality, inequality } = named(list);
      rows(gx, 1, nx, (b, _t, i, v) => void (blocks[b].H[T * nz * nz + i * nx + j] = v));
      if (cost) rows(cost, 1, 1, (b, _t, _i, v) => void (blocks[b].costGradient[T * nz + j] = v));
      if (equality) rows(equality, 1, qT, (b, _t, i, v) => void (blocks[b].C[T * q * nz + i * nx + j] = v));
      if (inequality)
        rows(inequality, 1, pT, (b, _t, i, v) => void (blocks[b].G[T * p * nz + i * nx + j] = v));
    });
  }
}

/** Every entry of a tensor [batch, T, m]. */
function rows(
  y: Tensor,
  T: number,
  m: number,
  use: (b: number, t: number, i: number, value: number) => void,
): void {
  const data = y.data();
  const count = T * m === 0 ? 0 : data.length / (T * m);
  let at = 0;
  for (let b = 0; b < count; b++)
    for (let t = 0; t < T; t++) for (let i = 0; i < m; i++) use(b, t, i, data[at++]);
}

/**
 * The value of f at a point, and its derivative in every entry of the last axes, at all leading axes at once.
 * @param widths the extents of the last axes.
 */
export function derivatives(
  f: (point: readonly Tensor[]) => Tensor[],
  point: readonly Tensor[],
  widths: readonly number[],
  take: (values: readonly Tensor[]) => void,
  column: (j: number, tangents: readonly Tensor[]) => void,
): void {
  const seeds = point.map((x) => zeros(x.shape, { dtype: x.dtype }));
  const eachSeed = (run: (j: number) => void) => {
    let j = 0;
    widths.forEach((width, k) => {
      for (let i = 0; i < width; i++) {
        const fill = (value: number) => {
          const data = seeds[k].data();
          for (let at = i; at < data.length; at += width) data[at] = value;
        };
        fill(1);
        scope(() => run(j));
        fill(0);
        j++;
      }
    });
  };
  const g = (...xs: Tensor[]) => f(xs);
  let map: ReturnType<typeof linearMap> | undefined;
  try {
    map = linearMap(NAME, g, point);
  } catch (error) {
    // A rule of the user's reads values of tangents: f runs once per seed.
    if (!(error instanceof UnknownValueError)) throw error;
  }
  if (map === undefined) {
    take(f(point));
    eachSeed((j) => column(j, jvp(g, point, seeds).tangent as Tensor[]));
    return;
  }
  try {
    const { leaves, run } = map;
    take(leaves);
    eachSeed((j) => column(j, run(seeds, false)));
  } finally {
    map.dispose();
  }
}

/** Numbers as a tensor of a dtype. */
export function tensorOf(data: Float64Array, shape: Shape, dtype: Call['dtype']): Tensor {
  return tensor(data, { shape, dtype });
}
