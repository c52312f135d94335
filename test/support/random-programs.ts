// Random programs: 5 to 30 operations on tensors of random shapes, kept where every one of them is smooth.
import {
  abs,
  acos,
  add,
  arange,
  asin,
  atan,
  atan2,
  broadcastTo,
  checkpoint,
  clip,
  concat,
  cos,
  cosh,
  cumsum,
  diagonal,
  div,
  einsum,
  elu,
  erf,
  exp,
  expandDims,
  expm1,
  eye,
  flip,
  gelu,
  greater,
  linalg,
  log,
  log1p,
  logSoftmax,
  logsumexp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  outer,
  pad,
  pow,
  prod,
  relu,
  reshape,
  roll,
  rsqrt,
  scope,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  square,
  squeeze,
  stack,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tan,
  tanh,
  tensor,
  transpose,
  tril,
  triu,
  variance,
  where,
} from '#src/index.js';

/** Numbers for a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to n - 1. */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)];
  }

  shuffled(n: number): number[] {
    const list = [...Array(n).keys()];
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}

/** One operation: of values by their positions. */
interface Step {
  text: string;
  inputs: readonly number[];
  run(...xs: Tensor[]): Tensor;
}

/** A step for these operands, or nothing where the operation does not suit them. */
type Maker = (dice: Dice, xs: readonly Tensor[]) => Omit<Step, 'inputs'> | undefined;

const values = (x: Tensor) => Array.from(x.data());
const within = (x: Tensor, low: number, high: number) => values(x).every((v) => v > low && v < high);
const apart = (x: Tensor, from: number) => values(x).every((v) => Math.abs(v - from) > 0.05);
const always = () => true;

const unary = (
  name: string,
  f: (x: Tensor) => Tensor,
  suits: (x: Tensor) => boolean = always,
): [string, number, Maker] => [name, 1, (_, [x]) => (suits(x) ? { text: name, run: f } : undefined)];

const binary = (
  name: string,
  f: (a: Tensor, b: Tensor) => Tensor,
  suits: (a: Tensor, b: Tensor) => boolean = always,
): [string, number, Maker] => [
  name,
  2,
  (_, [a, b]) => (broadcasts(a.shape, b.shape) && suits(a, b) ? { text: name, run: f } : undefined),
];

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [p, q] = [a[a.length - i], b[b.length - i]];
    if (p !== q && p !== 1 && q !== 1) return false;
  }
  return true;
}

/** A reduction over random axes, or over all. */
const reduction = (
  name: string,
  f: (x: Tensor, options: { axis?: number[]; keepDims: boolean }) => Tensor,
  suits: (x: Tensor) => boolean = always,
): [string, number, Maker] => [
  name,
  1,
  (dice, [x]) => {
    if (!suits(x)) return undefined;
    const axis = dice.int(3) === 0 ? undefined : dice.shuffled(x.ndim).slice(0, dice.int(x.ndim + 1));
    const options = { axis, keepDims: dice.int(2) === 0 };
    return { text: `${name} ${JSON.stringify(options)}`, run: (y) => f(y, options) };
  },
];

/** An operation along one axis. */
const along = (
  name: string,
  f: (x: Tensor, axis: number, dice: number) => Tensor,
): [string, number, Maker] => [
  name,
  1,
  (dice, [x]) => {
    if (x.ndim === 0) return undefined;
    const [axis, roll] = [dice.int(x.ndim), dice.int(100)];
    return { text: `${name} axis ${axis} (${roll})`, run: (y) => f(y, axis, roll) };
  },
];

const isSquare = (x: Tensor) =>
  x.ndim >= 2 && x.shape[x.ndim - 1] === x.shape[x.ndim - 2] && x.shape[x.ndim - 1] > 0;
const swap = (x: Tensor) =>
  transpose(
    x,
    x.shape.map((_, i) => (i < x.ndim - 2 ? i : 2 * x.ndim - 3 - i)),
  );
/** A matrix far from singular, out of any. */
const regular = (x: Tensor) => add(mul(0.3, tanh(x)), mul(4, eye(x.shape[x.ndim - 1])));
const definite = (x: Tensor) => add(mul(0.2, matmul(tanh(x), swap(tanh(x)))), eye(x.shape[x.ndim - 1]));
/** A matrix whose singular values are 1, 2, … within 0.4, out of any. */
const separated = (x: Tensor) => {
  const n = x.shape[x.ndim - 1];
  return add(mul(0.4 / n, tanh(x)), mul(eye(n), arange(1, n + 1)));
};
const row = (x: Tensor) => expandDims(x, -2);
/** Rows of x turned in as many planes as there are angles, neighbour by neighbour. */
const turned = (x: Tensor, angles: Tensor) => {
  const n = x.shape[Math.max(0, x.ndim - 2)];
  const i = Array.from({ length: angles.size }, (_, t) => t % n);
  return linalg.applyGivens(x, { i, j: i.map((at) => (at + 1) % n), angles: reshape(angles, [-1]) });
};
const notEmpty = (x: Tensor) => x.size > 0;
/** Every two values differ. */
const distinct = (x: Tensor) => {
  const sorted = values(x).sort((a, b) => a - b);
  return x.size > 0 && sorted.every((v, i) => i === 0 || v - sorted[i - 1] > 0.05);
};
const gap = (a: Tensor, b: Tensor) => scope(() => apart(sub(a, b), 0));

/** All kinds of steps. */
export const KINDS: readonly [name: string, arity: number, make: Maker][] = [
  unary('exp', exp, (x) => within(x, -9, 3)),
  unary('expm1', expm1, (x) => within(x, -9, 3)),
  unary('log', log, (x) => within(x, 0.1, 1e9)),
  unary('log1p', log1p, (x) => within(x, -0.8, 1e9)),
  unary('sqrt', sqrt, (x) => within(x, 0.1, 1e9)),
  unary('rsqrt', rsqrt, (x) => within(x, 0.1, 1e9)),
  unary('square', square),
  unary('sin', sin),
  unary('cos', cos),
  unary('tan', tan, (x) => within(x, -1.2, 1.2)),
  unary('asin', asin, (x) => within(x, -0.9, 0.9)),
  unary('acos', acos, (x) => within(x, -0.9, 0.9)),
  unary('atan', atan),
  unary('sinh', sinh, (x) => within(x, -3, 3)),
  unary('cosh', cosh, (x) => within(x, -3, 3)),
  unary('tanh', tanh),
  unary('erf', erf),
  unary('sigmoid', sigmoid),
  unary('softplus', softplus),
  unary('silu', silu),
  unary('gelu', gelu),
  unary('neg', neg),
  unary('elu', elu, (x) => apart(x, 0)),
  unary('relu', relu, (x) => apart(x, 0)),
  unary('abs', abs, (x) => apart(x, 0)),
  unary('sign', sign, (x) => apart(x, 0)),
  unary(
    'clip',
    (x) => clip(x, -1, 1),
    (x) => apart(x, 1) && apart(x, -1),
  ),
  unary('times 2, plus 1', (x) => sub(1, mul(x, 2))),
  unary(
    'stopGradient',
    (x) => mul(x, stopGradient(sign(x))),
    (x) => apart(x, 0),
  ),
  unary(
    'checkpoint',
    checkpoint((x: Tensor) => mul(sin(x), cos(mul(x, 2)))),
  ),
  binary('add', add),
  binary('sub', sub),
  binary('mul', mul),
  binary('div', div, (_, b) => values(b).every((v) => Math.abs(v) > 0.2)),
  binary('maximum', maximum, gap),
  binary('minimum', minimum, gap),
  binary('pow', pow, (a, b) => within(a, 0.1, 9) && within(b, -3, 3)),
  binary('atan2', atan2, (a, b) => apart(a, 0) && apart(b, 0)),
  binary(
    'where',
    (a, b) => where(greater(a, 0), a, mul(b, 2)),
    (a) => apart(a, 0),
  ),
  reduction('sum', sum),
  reduction('mean', mean, notEmpty),
  reduction('variance', variance, notEmpty),
  reduction('logsumexp', logsumexp, notEmpty),
  reduction('norm', norm, (x) => values(x).every((v) => Math.abs(v) > 0.1)),
  reduction('prod', prod, (x) => x.size <= 6),
  reduction('max', max, distinct),
  reduction('min', min, distinct),
  along('softmax', (x, axis) => softmax(x, { axis })),
  along('logSoftmax', (x, axis) => logSoftmax(x, { axis })),
  along('cumsum', (x, axis) => cumsum(x, { axis })),
  along('flip', (x, axis) => flip(x, axis)),
  along('roll', (x, axis, k) => roll(x, k - 50, axis)),
  along('concat', (x, axis) => concat([x, mul(x, x)], axis)),
  along('stack', (x, axis) => stack([x, sin(x)], axis)),
  along('expandDims', (x, axis) => expandDims(x, axis)),
  along('pad', (x, axis, k) => {
    const widths = x.shape.map((_, i): [number, number] => (i === axis ? [k % 2, k % 3] : [0, 0]));
    return x.size === 0
      ? neg(x)
      : pad(x, widths, { mode: (['constant', 'periodic', 'edge', 'reflect'] as const)[k % 4] });
  }),
  along('split', (x, axis, k) => {
    const first = k % (x.shape[axis] + 1);
    return split(x, [first, x.shape[axis] - first], axis)[x.shape[axis] > first ? 1 : 0];
  }),
  along('slice', (x, axis, k) => {
    const from = k % Math.max(1, x.shape[axis]);
    return slice(
      x,
      x.shape.map((_, i) => (i === axis ? from : 0)),
      x.shape,
      x.shape.map((_, i) => (i === axis ? 1 + (k % 2) : 1)),
    );
  }),
  along('take', (x, axis, k) => (x.shape[axis] === 0 ? neg(x) : take(x, [0, k % x.shape[axis], -1], axis))),
  unary('squeeze', (x) => squeeze(x)),
  unary('reshape', (x) => reshape(x, x.size > 0 ? [-1] : [0])),
  unary('transpose', (x) => transpose(x)),
  unary('broadcastTo', (x) => broadcastTo(x, [2, ...x.shape])),
  unary('tril', tril, (x) => x.ndim >= 2),
  unary('triu', triu, (x) => x.ndim >= 2),
  unary(
    'diagonal',
    (x) => diagonal(x),
    (x) => x.ndim >= 2,
  ),
  unary(
    'gram',
    (x) => matmul(x, x, { transposeA: true }),
    (x) => x.ndim >= 2,
  ),
  [
    'matmul',
    2,
    (_, [a, b]) => {
      if (a.ndim === 0 || b.ndim === 0) return undefined;
      const k = a.shape[a.ndim - 1];
      if (k !== b.shape[Math.max(0, b.ndim - 2)]) return undefined;
      if (!broadcasts(a.shape.slice(0, -2), b.shape.slice(0, -2))) return undefined;
      return { text: 'matmul', run: (p, q) => matmul(p, q) };
    },
  ],
  ['outer', 2, (_, [a, b]) => (a.ndim === 1 && b.ndim === 1 ? { text: 'outer', run: outer } : undefined)],
  [
    'einsum',
    2,
    (_, [a, b]) =>
      a.ndim === 2 && b.ndim === 2 && a.shape[1] === b.shape[1]
        ? { text: 'einsum', run: (p, q) => einsum('ij,kj->ki', p, q) }
        : undefined,
  ],
  unary(
    'solve',
    (x) => linalg.solve(regular(x), sin(x)),
    (x) => isSquare(x) && x.ndim === 2,
  ),
  unary('inv', (x) => linalg.inv(regular(x)), isSquare),
  unary('det', (x) => log(linalg.det(regular(x))), isSquare),
  unary('cholesky', (x) => linalg.cholesky(definite(x)), isSquare),
  unary('expm', (x) => linalg.expm(mul(0.5, tanh(x))), isSquare),
  unary(
    'qr',
    (x) => {
      const { q, r } = linalg.qr(regular(x));
      return sub(q, r);
    },
    isSquare,
  ),
  unary(
    'eigh',
    (x) => {
      const a = separated(x);
      const { values: w, vectors } = linalg.eigh(mul(0.5, add(a, swap(a))));
      // Signs are free; V log(Λ) Vᵀ and squares do not have them.
      return add(matmul(mul(vectors, row(log(w))), swap(vectors)), mul(square(vectors), row(w)));
    },
    isSquare,
  ),
  unary(
    'svd',
    (x) => {
      const { u, s, vt } = linalg.svd(separated(x));
      return add(matmul(mul(u, row(sin(s))), vt), mul(square(u), row(s)));
    },
    isSquare,
  ),
  binary('applyGivens', turned, (x, a) => x.ndim > 0 && x.shape[Math.max(0, x.ndim - 2)] > 1 && a.size < 20),
];

/** A function of `inputs` to a few of its values. */
export interface RandomProgram {
  inputs: Tensor[];
  run(...inputs: Tensor[]): Tensor[];
  /** The steps, for messages. */
  text: string;
  /** Names of the kinds of steps. */
  kinds: string[];
}

const LARGEST = 200;

/** A program for a seed; its inputs belong to the caller. */
export function randomProgram(seed: number): RandomProgram {
  const dice = new Dice(seed);
  const length = 5 + dice.int(26);
  const steps: Step[] = [];
  const kinds: string[] = [];
  const extent = () => (dice.int(60) === 0 ? 0 : 1 + dice.int(4));
  const extents = [extent(), extent(), extent()];
  const inputs = Array.from({ length: 1 + dice.int(3) }, () => {
    const shape = Array.from({ length: dice.int(4) }, () => (dice.int(4) === 0 ? 1 : dice.pick(extents)));
    const size = shape.reduce((p, q) => p * q, 1);
    return tensor(
      Array.from({ length: size }, () => 4 * dice.next() - 2),
      { shape },
    );
  });
  const used = new Set<number>();
  scope(() => {
    const known = [...inputs];
    for (let tries = 0; tries < 1000 && steps.length < length; tries++) {
      const [kind, arity, make] = dice.pick(KINDS);
      // Recent values more often, so that programs are deep.
      const at = Array.from({ length: arity }, () =>
        dice.int(3) === 0 ? dice.int(known.length) : Math.max(0, known.length - 1 - dice.int(3)),
      );
      const operands = at.map((i) => known[i]);
      const made = make(dice, operands);
      if (made === undefined) continue;
      const result = made.run(...operands);
      if (result.size > LARGEST || !values(result).every(Number.isFinite)) continue;
      kinds.push(kind);
      for (const i of at) used.add(i);
      // What has grown is scaled down at once: the sine of something huge has no differences to compare with.
      const high = values(result).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const factor = high > 5 ? Number((3 / high).toPrecision(3)) : 1;
      const run = factor === 1 ? made.run : (...xs: Tensor[]) => mul(made.run(...xs), factor);
      steps.push({ text: factor === 1 ? made.text : `${factor} times ${made.text}`, inputs: at, run });
      known.push(factor === 1 ? result : mul(result, factor));
    }
  });
  const count = inputs.length + steps.length;
  const results = [...Array(count).keys()].filter((i) => i >= inputs.length && !used.has(i)).slice(-3);
  return {
    inputs,
    kinds,
    run: (...xs) => {
      const all = [...xs];
      for (const step of steps) all.push(step.run(...step.inputs.map((i) => all[i])));
      return results.map((i) => all[i]);
    },
    text: [
      ...inputs.map((x, i) => `%${i} = input [${x.shape}] ${JSON.stringify(values(x))}`),
      ...steps.map(
        (step, i) => `%${inputs.length + i} = ${step.text} ${step.inputs.map((j) => `%${j}`).join(' ')}`,
      ),
      `return ${results.map((i) => `%${i}`).join(', ')}`,
    ].join('\n'),
  };
}
