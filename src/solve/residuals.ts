// Residuals: r: R^n -> R^m with its Jacobian, for least squares and root finding: on vectors, compiled, counted.

import { jacfwd, jacrev } from '../autodiff/jacobian.js';
import { jvp } from '../autodiff/jvp.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { show } from '../core/shape.js';
import { allocate, Tensor } from '../core/tensor.js';
import { flatten, type Tree } from '../core/tree.js';
import { assign, gemv } from '../linalg/blas/tensors.js';
import { concat } from '../ops/concat.js';
import { reshape } from '../ops/layout.js';
import { untraced } from '../ops/untraced.js';
import type { Evaluations } from './objective.js';
import { Parameters } from './parameters.js';
import { type CompileOption, Replay } from './replay.js';

/** A function of a tensor or a tree to a tensor or a tree, written in operations; the library differentiates it. */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
export type VectorFunction = (x: any) => Tree;

/** The same with a user-written Jacobian. */
export interface GivenResiduals {
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  residuals(x: any): Tree;
  /** [m, n], for m numbers in the result and n in x. */
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  jacobian(x: any): Tensor;
}

/** The functions that `leastSquares` and `rootFind` accept. */
export type ResidualFunction = VectorFunction | GivenResiduals;

/**
 * Values and derivatives at vectors [n]. In `evaluations`, value counts values of r, gradient Jacobians, product their
 * products with a vector. Its creator must dispose of it.
 */
export class Residuals {
  readonly name: string;
  readonly parameters: Parameters;
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessian: 0, product: 0 };
  /** The number of residuals; known after `start`. */
  count = 0;
  readonly #argument: string;
  readonly #given: GivenResiduals | undefined;
  readonly #flat: (x: Tensor) => Tensor;
  readonly #compile: CompileOption;
  #value: Replay | undefined;
  #jacobian: Replay | undefined;
  #product: Replay | undefined;

  /** `argument` is the caller's name for f. */
  constructor(
    name: string,
    [argument, start]: readonly [string, string],
    f: ResidualFunction,
    x0: Tree,
    compile: CompileOption,
  ) {
    this.name = name;
    this.#argument = argument;
    this.parameters = new Parameters(name, start, x0);
    const given = checkResiduals(name, argument, f);
    this.#given = given;
    const plain = given === undefined ? (f as VectorFunction) : (x: Tree) => given.residuals(x);
    this.#flat = (x) => this.#joined(plain(this.parameters.tree(x)));
    this.#compile = given === undefined ? compile : false;
  }

  /** r(x) as a new vector. */
  start(x: Tensor): Tensor {
    this.evaluations.value++;
    this.#value = new Replay(this.#flat, this.#compile);
    // Copy the values out: a tensor made while f runs would be freed with those of f.
    const data = this.#value.run([x], (y: Tensor) =>
      untraced(this.name, `what ${this.#argument} gives`, y).data().slice(),
    );
    this.count = data.length;
    const r = allocate([data.length], x.dtype, this.name);
    r.data().set(data);
    return r;
  }

  /** r := r(x). */
  value(x: Tensor, r: Tensor): void {
    this.evaluations.value++;
    this.#value?.run([x], (y: Tensor) => {
      if (y.size !== r.size) {
        throw new ShapeError(
          `${this.name}: ${this.#argument} must always give as many numbers, got ${r.size}, then ${y.size}`,
        );
      }
      assign(y, r);
    });
  }

  /** J := the Jacobian at x, [m, n]. */
  jacobian(x: Tensor, J: Tensor): void {
    this.evaluations.gradient++;
    if (this.#jacobian === undefined) {
      const given = this.#given;
      const byColumns = this.count >= x.size;
      const f = given
        ? (at: Tensor) => given.jacobian(this.parameters.tree(at))
        : (byColumns ? jacfwd : jacrev)(this.#flat);
      this.#jacobian = new Replay(f, this.#compile);
    }
    this.#jacobian.run([x], (result: Tensor) => {
      if (!(result instanceof Tensor) || result.size !== J.size || result.dtype !== J.dtype) {
        const got = result instanceof Tensor ? `${result.dtype} ${show(result.shape)}` : describe(result);
        throw new ShapeError(
          `${this.name}: jacobian must give a tensor ${J.dtype} ${show(J.shape)}, got ${got}`,
        );
      }
      assign(result, J);
    });
  }

  /** out := J(x) v. */
  product(x: Tensor, v: Tensor, out: Tensor): void {
    this.evaluations.product++;
    const given = this.#given;
    if (given !== undefined) {
      const shape = [this.count, x.size];
      scope(() => gemv(1, reshape(given.jacobian(this.parameters.tree(x)), shape), v, 0, out));
      return;
    }
    this.#product ??= new Replay((at, along) => jvp(this.#flat, [at], [along]).tangent, this.#compile);
    this.#product.run([x, v], (result: Tensor) => assign(result, out));
  }

  /** A tree of residuals as a vector. */
  #joined(tree: Tree): Tensor {
    const { leaves } = flatten(tree, this.name);
    if (leaves.length === 0) {
      throw new ArgumentError(
        `${this.name}: ${this.#argument} must return a tensor or a tree of tensors, got ${describe(tree)}`,
      );
    }
    const { dtype } = this.parameters;
    for (const leaf of leaves) {
      if (leaf.dtype !== dtype) {
        throw new DTypeError(
          `${this.name}: ${this.#argument} must return the dtype of its argument, ${dtype}, got ${leaf.dtype} (convert with astype)`,
        );
      }
    }
    const parts = leaves.map((leaf) => (leaf.ndim === 1 ? leaf : reshape(leaf, [leaf.size])));
    return parts.length === 1 ? parts[0] : concat(parts, 0);
  }

  dispose(): void {
    for (const replay of [this.#value, this.#jacobian, this.#product]) replay?.dispose();
  }
}

/** `f` if it has a user-written Jacobian. */
function checkResiduals(name: string, argument: string, f: unknown): GivenResiduals | undefined {
  if (typeof f === 'function') return undefined;
  const given = f as GivenResiduals | null;
  if (typeof given?.residuals === 'function' && typeof given.jacobian === 'function') return given;
  throw new ArgumentError(
    `${name}: ${argument} must be a function, or an object with the functions residuals and jacobian, got ${describe(f)}`,
  );
}
