// Whether a function has the derivative that differences show, or a typed error, in both modes and compiled; and where the library reads
// values of a tensor that is followed, which its result cannot then depend on.
import { Dual } from '#src/autodiff/forward.js';
import { Variable } from '#src/autodiff/reverse.js';
import { flatten, type Tree } from '#src/core/tree.js';
import {
  add,
  CotangentError,
  compile,
  grad,
  jvp,
  mul,
  random,
  scope,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { seed } from './check.js';

/** Reads by the library of tensors that are followed: files. */
const reads: string[] = [];

/** Notes who asks for values: the first frame that is not the tensor's own. */
function watchReads(kind: { prototype: { data(): unknown } }): () => void {
  const { data } = kind.prototype;
  kind.prototype.data = function (this: unknown) {
    const stack = String(new Error().stack).split('\n').slice(2);
    const caller = stack.find((line) => !/core\/tensor\.js|autodiff\/(forward|reverse)\.js/.test(line)) ?? '';
    const [, file] = /\/build\/lib\/(\S+?):/.exec(caller) ?? [];
    if (file !== undefined) reads.push(file);
    return data.call(this);
  };
  return () => {
    kind.prototype.data = data;
  };
}

/** The float tensors (with `all`, every tensor) and the numbers of a result. */
export function outputsOf(result: unknown, all = false): { tensors: Tensor[]; numbers: number[] } {
  const numbers: number[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'number') numbers.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
      Object.values(value).forEach(walk);
  };
  walk(result);
  return { tensors: flatten(result as Tree).leaves.filter((x) => all || x.dtype !== 'i32'), numbers };
}

/** A random combination of all numbers of a result; those that are no tensors are constants to derivatives. */
export function weighted(result: unknown): Tensor {
  const draw = random(seed);
  const { tensors, numbers } = outputsOf(result);
  let total = tensor(0);
  for (const y of tensors) total = add(total, sum(mul(y, draw.normal(y.shape, { dtype: y.dtype as 'f64' }))));
  const weights = draw.normal([numbers.length]).data();
  return add(
    total,
    numbers.reduce((s, v, i) => s + (Number.isFinite(v) ? v * weights[i] : 0), 0),
  );
}

/** What has been found of one function in one tensor. */
export interface Finding {
  failures: string[];
  /** Modes in which it has refused. */
  refused: string[];
}

/** Differentiates `run` at x in every mode, and compares with differences, or with what is known. Errors that are not the library's are failures. */
export function examine(
  name: string,
  run: (x: Tensor) => unknown,
  x: Tensor,
  tolerance = 1e-5,
  known?: number,
): Finding {
  const failures: string[] = [];
  const refused: string[] = [];
  const f = (y: Tensor) => weighted(run(y));
  const d = random(seed + 1).normal(x.shape, { dtype: x.dtype as 'f64' });
  const step = 1e-5;
  const at = (t: number) => scope(() => f(add(x, mul(d, t))).item());
  const want = known ?? (at(step) - at(-step)) / (2 * step);
  const dot = (a: Tensor) => sum(mul(a, d)).item();
  const modes: Record<string, () => number> = {
    grad: () => dot(grad(f)(x)),
    jvp: () => jvp(f, [x], [d]).tangent.item(),
    'compiled grad': () => {
      const plan = compile((y: Tensor) => grad(f)(y));
      try {
        return dot(plan(x));
      } finally {
        plan.dispose();
      }
    },
  };
  for (const [mode, derivative] of Object.entries(modes)) {
    reads.length = 0;
    const restore = [watchReads(Variable), watchReads(Dual)];
    try {
      const got = scope(derivative);
      if (!(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want))))
        failures.push(`${name}, ${mode}: got ${got}, want ${want}`);
      const files = [...new Set(reads)];
      if (files.length > 0) failures.push(`${name}, ${mode}: the library reads values in ${files}`);
    } catch (error) {
      if (error instanceof CotangentError) refused.push(mode);
      else failures.push(`${name}, ${mode}: not an error of the library's: ${String(error)}`);
    } finally {
      for (const undo of restore) undo();
    }
  }
  return { failures, refused };
}
