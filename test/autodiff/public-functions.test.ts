// No derivative is silently zero: every public function, in every float tensor that it is given, in both modes, gives the derivative
// (against differences) or a typed error; and what reads values of a tensor that is followed is found.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Dual } from '#src/autodiff/forward.js';
import { Variable } from '#src/autodiff/reverse.js';
import { flatten, type Tree, unflatten } from '#src/core/tree.js';
import {
  add,
  CotangentError,
  compile,
  grad,
  jvp,
  memory,
  mul,
  random,
  scope,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { exportedFunctions, type PublicFunction, publicFunctions } from '../support/public-functions.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
type Any = any;

/** Where the library may read values of a tensor that is followed, though no error comes of it, and why. */
const MAY_READ: readonly (readonly [RegExp, string])[] = [
  [
    /ops\/power\.js/,
    'the exponent of a power that is one number: which kernel is taken; the derivative in it is given',
  ],
];

/** Reads by the library of tensors that are followed. */
const reads: string[] = [];

/** Notes who asks for values: the first frame that is not the tensor's own. */
function watchReads(kind: { prototype: { data(): unknown } }): () => void {
  const { data } = kind.prototype;
  kind.prototype.data = function (this: unknown) {
    const stack = String(new Error().stack).split('\n').slice(2);
    const caller = stack.find((line) => !/core\/tensor\.js|autodiff\/(forward|reverse)\.js/.test(line)) ?? '';
    const [, file] = /\/dist\/(\S+)/.exec(caller) ?? [];
    if (file !== undefined) reads.push(file);
    return data.call(this);
  };
  return () => {
    kind.prototype.data = data;
  };
}

/** The float tensors and the numbers of a result. */
function outputsOf(result: unknown): { tensors: Tensor[]; numbers: number[] } {
  const numbers: number[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'number') numbers.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
      Object.values(value).forEach(walk);
  };
  walk(result);
  return { tensors: flatten(result as Tree).leaves.filter((x) => x.dtype !== 'i32'), numbers };
}

/** One function in one of its tensors. */
class Case {
  readonly name: string;
  readonly #entry: PublicFunction;
  readonly #f: Any;
  readonly #at: number;

  constructor(name: string, entry: PublicFunction, f: Any, at: number) {
    this.name = `${name}, tensor ${at}`;
    this.#entry = entry;
    this.#f = f;
    this.#at = at;
  }

  /** The tensor that moves. */
  get start(): Tensor {
    return flatten(this.#entry.args()).leaves[this.#at];
  }

  /** The result with the tensor replaced. */
  run(x: Tensor): unknown {
    const { leaves, structure } = flatten(this.#entry.args());
    const args = unflatten(
      structure,
      leaves.map((leaf, i) => (i === this.#at ? x : leaf)),
    ) as unknown[];
    const { call = (f: Any, ...list: unknown[]) => f(...list) } = this.#entry;
    return call(this.#f, ...args);
  }

  /** A random combination of all numbers of the result; those that are no tensors are constants to derivatives. */
  weighted(x: Tensor): Tensor {
    const result = this.run(x);
    const draw = random(seed);
    const { tensors, numbers } = outputsOf(result);
    const weights = draw.normal([numbers.length]).data();
    let total = tensor(numbers.reduce((s, v, i) => s + (Number.isFinite(v) ? v * weights[i] : 0), 0));
    for (const y of tensors)
      total = add(total, sum(mul(y, draw.normal(y.shape, { dtype: y.dtype as 'f64' }))));
    return total;
  }

  /** By central differences along a direction. */
  slope(x: Tensor, d: Tensor): number {
    const step = 1e-5;
    const at = (t: number) => scope(() => this.weighted(add(x, mul(d, t))).item());
    return (at(step) - at(-step)) / (2 * step);
  }
}

/** The value, or the error if it is one of the library's. */
function attempt<T>(what: string, f: () => T): T | CotangentError {
  try {
    return f();
  } catch (error) {
    if (error instanceof CotangentError) return error;
    throw new Error(`${what}: not an error of the library's: ${String((error as Error)?.stack)}`);
  }
}

const found = exportedFunctions();

test('the table has every public function', () => {
  const missing = [...found.keys()].filter((name) => !(name in publicFunctions));
  const gone = Object.keys(publicFunctions).filter((name) => !found.has(name));
  assert.equal([missing, gone], [[], []]);
});

const refused = new Map<string, string[]>();

for (const [name, entry] of Object.entries(publicFunctions)) {
  if (entry.constant !== undefined) continue;
  test(`${name}: the derivative, or an error`, async () => {
    const f = found.get(name);
    const { leaves } = flatten(entry.args());
    const at = leaves.flatMap((leaf, i) => (leaf.dtype === 'i32' ? [] : [i]));
    assert.ok(at.length > 0, `${name} has no tensors: say so by 'constant'`);
    const failures: string[] = [];
    for (const i of at) {
      const each = new Case(name, entry, f, i);
      const plain = await isAsync(each);
      if (plain) await checkAsync(each, failures);
      else scope(() => checkCase(each, entry, failures));
    }
    if (failures.length > 0) throw new Error(`${failures.join('\n')} [SEED=${seed}]`);
  });
}

async function isAsync(each: Case): Promise<boolean> {
  const result = each.run(each.start) as PromiseLike<unknown>;
  if (typeof result?.then !== 'function') return false;
  await result;
  return true;
}

/** What answers later cannot be differentiated: it has to say so. */
async function checkAsync(each: Case, failures: string[]): Promise<void> {
  let answer: Promise<unknown> | undefined;
  attempt(each.name, () =>
    grad((x: Tensor) => {
      answer = Promise.resolve(each.run(x));
      answer.catch(() => {});
      return sum(x);
    })(each.start),
  );
  const error = await answer?.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof CotangentError))
    failures.push(`${each.name}: an error is wanted, got ${String(error)}`);
}

function checkCase(each: Case, entry: PublicFunction, failures: string[]): void {
  const x = each.start;
  const d = random(seed + 1).normal(x.shape, { dtype: x.dtype as 'f64' });
  const want = each.slope(x, d);
  const size = Math.max(1, Math.abs(want));
  const compare = (mode: string, derivative: () => number) => {
    reads.length = 0;
    const restore = [watchReads(Variable), watchReads(Dual)];
    let got: number | CotangentError;
    try {
      got = attempt(`${each.name}, ${mode}`, derivative);
    } finally {
      for (const undo of restore) undo();
    }
    if (got instanceof CotangentError) {
      refused.set(each.name, [...(refused.get(each.name) ?? []), `${mode}: ${got.message}`]);
      return;
    }
    if (!(Math.abs(got - want) <= (entry.tolerance ?? 1e-5) * size))
      failures.push(`${each.name}, ${mode}: got ${got}, want ${want}`);
    const unexpected = reads.filter((file) => !MAY_READ.some(([allowed]) => allowed.test(file)));
    if (unexpected.length > 0)
      failures.push(`${each.name}, ${mode}: the library reads values in ${[...new Set(unexpected)]}`);
  };
  const dot = (a: Tensor) => scope(() => sum(mul(a, d)).item());
  compare('grad', () => dot(grad((y: Tensor) => each.weighted(y))(x)));
  compare('jvp', () => jvp((y: Tensor) => each.weighted(y), [x], [d]).tangent.item());
  // Compiled, the same: the derivative or an error.
  compare('compiled grad', () => {
    const plan = compile((y: Tensor) => grad((z: Tensor) => each.weighted(z))(y));
    try {
      return dot(plan(x));
    } finally {
      plan.dispose();
    }
  });
}

test.after(() => {
  if (process.env.LIST) for (const [k, v] of refused) console.log('REFUSED', k, v.join(' | '));
});
test.run();
