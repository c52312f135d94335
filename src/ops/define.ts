// defineOp: a custom operation with custom derivatives.
import { checkObject } from '../core/check.js';
import { describe } from '../core/describe.js';
import { isDType } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { checkShape, sameShape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import {
  applyAll,
  checkTensor,
  type Derivative,
  type Linearization,
  type Op,
  type TensorSpec,
} from './op.js';

/** The result of a shape rule: the spec of the one output, or a list of specs. */
export type Specs = TensorSpec | readonly TensorSpec[];

/** One tensor if the shape rule gives one spec, an array if it gives a list. */
export type Results<S extends Specs> = S extends readonly TensorSpec[] ? Tensor[] : Tensor;

/** What `defineOp` takes. */
export interface OpDefinition<P, S extends Specs> {
  /** The name in errors and graphs. */
  name: string;
  /** { shape, dtype } of the result for those of the inputs, or a list of them; throws if the inputs are invalid. */
  shape(inputs: readonly TensorSpec[], params: P): S;
  /**
   * Writes every element of the output (or of each output, if `shape` gives a list) through `data()`, or with your own
   * kernel at `address`. The memory is not initialised. `run` may be called any number of times; it is not called for
   * results without elements.
   */
  run(output: Results<S>, inputs: readonly Tensor[], params: P): void;
  /** True if the result is linear in all inputs together; the operation is then its own jvp. */
  linear?: boolean;
  /** Tangents of the outputs (one, or an array for several) from those of the inputs; undefined stands for zeros. */
  jvp?: Op<P>['jvp'];
  /** Cotangents of the inputs (an array) from those of the outputs, at least one of which is defined. */
  vjp?: Op<P>['vjp'];
}

/** The operation as a function. Parameters come after the tensors. */
export type DefinedOp<P, R> = (...args: [...inputs: Tensor[], params: P] | Tensor[]) => R;

/** Checks that a derivative from a rule has the shape and dtype of the value that it belongs to. */
function checkDerivatives(
  name: string,
  rule: 'jvp' | 'vjp',
  results: unknown,
  like: readonly Tensor[],
): readonly Derivative[] {
  const [kind, of] = rule === 'jvp' ? ['tangent', 'output'] : ['cotangent', 'input'];
  const one = rule === 'jvp' && like.length === 1 && !Array.isArray(results);
  const list = one ? [results] : results;
  if (!Array.isArray(list) || list.length !== like.length) {
    const got = Array.isArray(list) ? `${list.length}` : describe(list);
    throw new ArgumentError(
      `${name}: its ${rule} rule must return an array of ${like.length} ${kind}s, one per ${of}, got ${got}`,
    );
  }
  list.forEach((t: unknown, i) => {
    if (t === undefined) return;
    const { shape, dtype } = like[i];
    if (!(t instanceof Tensor) || t.dtype !== dtype || !sameShape(t.shape, shape)) {
      const got = t instanceof Tensor ? `${t.dtype} ${show(t.shape)}` : describe(t);
      throw new ArgumentError(
        `${name}: its ${rule} rule must give ${of} ${i} a ${kind} of ${dtype} ${show(shape)} or undefined, got ${got}`,
      );
    }
  });
  return list as readonly Derivative[];
}

/** Checks the result of a shape rule. */
function checkSpecs<S extends Specs>(name: string, specs: S): S {
  const list: readonly TensorSpec[] = Array.isArray(specs) ? specs : [specs as TensorSpec];
  if (list.length === 0)
    throw new ArgumentError(`${name}: its shape rule must give at least one result, got []`);
  for (const spec of list) {
    if (typeof spec !== 'object' || spec === null || !isDType(spec.dtype)) {
      const got = JSON.stringify(spec) ?? String(spec);
      throw new ArgumentError(
        `${name}: its shape rule must give { shape, dtype }, or a list of them, got ${got}`,
      );
    }
    checkShape(name, spec.shape);
  }
  return specs;
}

/** Rules for an operation without derivatives: they throw when a derivative is needed. */
function withoutRules<P>(name: string): Pick<Op<P>, 'jvp' | 'vjp'> {
  const refuse = (of: readonly Tensor[]) => {
    if (of.every((y) => y.dtype === 'i32')) return undefined;
    throw new ArgumentError(
      `${name}: it has no derivative (give defineOp a jvp or vjp rule, or pass it stopGradient(x))`,
    );
  };
  return {
    jvp: (_, { outputs }) => refuse(outputs) ?? outputs.map(() => undefined),
    vjp: (_, { inputs, outputs }) => refuse(outputs) ?? inputs.map(() => undefined),
  };
}

/** The rules, with checks of their results. */
function checkedRules<P, S extends Specs>(definition: OpDefinition<P, S>): Pick<Op<P>, 'jvp' | 'vjp'> {
  const { name, jvp, vjp } = definition;
  if (jvp === undefined && vjp === undefined) {
    const { vjp: refused, ...rest } = withoutRules<P>(name);
    // The tangent of a linear operation is the operation itself; its transpose does not follow from that.
    return definition.linear === true ? { vjp: refused } : { vjp: refused, ...rest };
  }
  return {
    ...(jvp && {
      jvp: (tangents: readonly Derivative[], point: Linearization<P>) =>
        checkDerivatives(name, 'jvp', jvp(tangents, point), point.outputs),
    }),
    ...(vjp && {
      vjp: (cotangents: readonly Derivative[], point: Linearization<P>) =>
        checkDerivatives(name, 'vjp', vjp(cotangents, point), point.inputs),
    }),
  };
}

/** Throws for an invalid definition. */
function checkDefinition<P, S extends Specs>(definition: OpDefinition<P, S>): void {
  checkObject('defineOp', 'definition', definition);
  const { name } = definition;
  if (typeof name !== 'string' || name === '')
    throw new ArgumentError(
      `defineOp: name must be a string that names the operation, got ${describe(name)}`,
    );
  for (const part of ['shape', 'run', 'jvp', 'vjp'] as const) {
    const rule: unknown = definition[part];
    if (typeof rule === 'function' || (rule === undefined && (part === 'jvp' || part === 'vjp'))) continue;
    throw new ArgumentError(`defineOp: ${part} of '${name}' must be a function, got ${describe(rule)}`);
  }
}

/**
 * Defines a custom operation that cannot be composed from existing ones: a WASM kernel, a table, a solver. It has
 * derivatives of any order, and compiled programs replay it.
 *
 * `shape(inputs, params)` gives { shape, dtype } of the result, or a list for several results; `run(output, inputs,
 * params)` writes it (`outputs`, an array, for a list). `jvp(tangents, { inputs, outputs, params, wanted })` gives the
 * tangent of the output; `vjp(cotangents, …)` gives an array with a cotangent per input. Write both in operations on
 * tensors, so that derivatives nest; undefined stands for zeros, and intermediate tensors are freed automatically. One
 * of the two is enough: the other follows by transposition. Without either, a derivative through a real result throws
 * an ArgumentError; i32 results are constants.
 * @returns (…tensors, params?) => Tensor, or Tensor[] if the shape rule gives a list. Params are plain data.
 * @throws ArgumentError, naming the operation, for an invalid definition, shape or derivative.
 * @example
 * const cube = defineOp({
 *   name: 'cube',
 *   shape: ([x]) => x,
 *   run: (y, [x]) => y.data().set(x.data().map((v) => v ** 3)),
 *   vjp: ([ct], { inputs: [x] }) => [mul(ct, mul(3, mul(x, x)))],
 * });
 * const slope = grad((x) => sum(cube(x)))(tensor([1, 2])); // [3, 12]
 */
export function defineOp<P = unknown, S extends Specs = Specs>(
  definition: OpDefinition<P, S>,
): DefinedOp<P, Results<S>> {
  checkDefinition(definition);
  const { name, shape, run, linear } = definition;
  // The result that the user sees: an array if the shape rule gives a list.
  const asGiven = (tensors: readonly Tensor[], inputs: readonly TensorSpec[], params: P) =>
    (Array.isArray(shape(inputs, params)) ? tensors : tensors[0]) as Results<S>;
  const op: Op<P> = {
    name,
    shape: (inputs, params) => checkSpecs(name, shape(inputs, params)),
    prepare(outputs, inputs, params) {
      const output = asGiven(outputs, inputs, params);
      return () => run(output, inputs, params);
    },
    ...(linear === true && { linear }),
    ...checkedRules(definition),
  };
  return (...args) => {
    const last: unknown = args[args.length - 1];
    const inputs = last instanceof Tensor || args.length === 0 ? args : args.slice(0, -1);
    inputs.forEach((x, i) => {
      checkTensor(name, `input ${i}`, x);
    });
    const params = (inputs === args ? undefined : last) as P;
    return asGiven(applyAll(op, inputs as Tensor[], params), inputs as Tensor[], params);
  };
}
