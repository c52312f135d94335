// Objective: f: R^n -> R with its derivatives, for methods of optimisation: on vectors, compiled, counted.

import { valueAndGrad } from '../autodiff/grad.js';
import { hessian } from '../autodiff/jacobian.js';
import { hvp } from '../autodiff/jvp.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Tree } from '../core/tree.js';
import { type VectorKernels, vectorKernels } from '../linalg/blas/addresses.js';
import { assign, dot } from '../linalg/blas/tensors.js';
import { Parameters } from './parameters.js';
import { type CompileOption, Replay } from './replay.js';

/** A scalar function of a tensor or a tree, written in operations; the library differentiates it. */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
export type ScalarFunction = (x: any) => Tensor;

/** A scalar function with user-written derivatives; gradient in the structure of x. */
export interface GivenFunction {
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  value(x: any): Tensor | number;
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  gradient(x: any): Tree;
  /** [n, n], with n numbers in x. */
  // biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
  hessian?(x: any): Tensor;
  /** Hessian at x times v, in the structure of x. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments have the type of x0
  product?(x: any, v: any): Tree;
}

/** The objectives that methods accept. */
export type ObjectiveFunction = ScalarFunction | GivenFunction;

/** Counts of evaluations. */
export interface Evaluations {
  value: number;
  gradient: number;
  hessian: number;
  /** Hessian-vector products. */
  product: number;
}

/** Values and derivatives at vectors [n]. Its creator must dispose of it. */
export class Objective {
  readonly name: string;
  readonly parameters: Parameters;
  /** For vectors with the dtype of x. */
  readonly kernels: VectorKernels;
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessian: 0, product: 0 };
  /** ∇fᵀp of the last `valueAndGradient` along p. */
  slope = 0;
  readonly #f: ObjectiveFunction;
  readonly #flat: (x: Tensor) => Tensor;
  readonly #compile: CompileOption;
  #value: Replay | undefined;
  #gradient: Replay | undefined;
  #hessian: Replay | undefined;
  #product: Replay | undefined;
  /** The target of the next gradient, and the factor of the gradient. */
  #target: Tensor | undefined;
  #along: Tensor | undefined;

  constructor(name: string, f: ObjectiveFunction, x0: Tree, compile: CompileOption) {
    this.name = name;
    this.parameters = new Parameters(name, 'x0', x0);
    this.kernels = vectorKernels(this.parameters.dtype);
    checkObjective(name, f);
    this.#f = f;
    this.#flat =
      typeof f === 'function' ? (x) => scalarOf(name, f(this.parameters.tree(x))) : () => x0 as never;
    this.#compile = compile;
  }

  /** f(x). */
  value(x: Tensor): number {
    this.evaluations.value++;
    const f = this.#f;
    if (typeof f !== 'function') {
      let value = 0;
      scope(() => {
        value = numberOf(this.name, f.value(this.parameters.tree(x)));
      });
      return value;
    }
    this.#value ??= new Replay(this.#flat, this.#compile);
    return this.#value.run([x], (y) => numberOf(this.name, y));
  }

  /** f(x), and g := ∇f(x); with p, `slope` := gᵀp. */
  valueAndGradient(x: Tensor, g: Tensor, p?: Tensor): number {
    if (typeof this.#f !== 'function') {
      const value = this.value(x);
      this.gradient(x, g);
      if (p !== undefined) this.slope = dot(g, p);
      return value;
    }
    this.evaluations.value++;
    this.evaluations.gradient++;
    this.#gradient ??= new Replay(valueAndGrad(this.#flat), this.#compile);
    [this.#target, this.#along] = [g, p];
    return this.#gradient.run([x], this.#take);
  }

  /** Reads the result of the gradient's program. */
  readonly #take = ({ value, grad }: { value: Tensor; grad: Tensor }): number => {
    const [g, p] = [this.#target as Tensor, this.#along];
    if (p === undefined) assign(grad, g);
    else this.slope = this.kernels.copyDot(g.size, grad.address, g.address, p.address);
    return value.item();
  };

  /** g := ∇f(x), if the value is known already. */
  gradient(x: Tensor, g: Tensor): void {
    const f = this.#f;
    this.evaluations.gradient++;
    if (typeof f !== 'function') {
      scope(() => this.parameters.gather(f.gradient(this.parameters.tree(x)), g, 'the gradient'));
      return;
    }
    this.#gradient ??= new Replay(valueAndGrad(this.#flat), this.#compile);
    this.#gradient.run([x], ({ grad: result }: { grad: Tensor }) => assign(result, g));
  }

  /** H := ∇²f(x), [n, n]. */
  hessian(x: Tensor, H: Tensor): void {
    const f = this.#f;
    this.evaluations.hessian++;
    if (typeof f !== 'function') {
      scope(() => {
        if (f.hessian === undefined) throw this.#missing('hessian');
        const result = f.hessian(this.parameters.tree(x));
        if (result.size !== H.size || result.dtype !== H.dtype) {
          throw new ShapeError(
            `${this.name}: hessian must give a tensor ${H.dtype} ${show(H.shape)}, got ${result.dtype} ${show(result.shape)}`,
          );
        }
        assign(result, H);
      });
      return;
    }
    this.#hessian ??= new Replay(hessian(this.#flat), this.#compile);
    this.#hessian.run([x], (result: Tensor) => assign(result, H));
  }

  /** out := ∇²f(x) v. */
  product(x: Tensor, v: Tensor, out: Tensor): void {
    const f = this.#f;
    this.evaluations.product++;
    if (typeof f !== 'function') {
      const { parameters } = this;
      scope(() => {
        if (f.product === undefined) throw this.#missing('product');
        parameters.gather(f.product(parameters.tree(x), parameters.tree(v)), out, 'the product');
      });
      return;
    }
    this.#product ??= new Replay((at, along) => hvp(this.#flat, at, along), this.#compile);
    this.#product.run([x, v], (result: Tensor) => assign(result, out));
  }

  #missing(what: string): ArgumentError {
    return new ArgumentError(
      `${this.name}: this method needs f.${what}, which is not given (give it, or f as a function, which is differentiated)`,
    );
  }

  dispose(): void {
    for (const replay of [this.#value, this.#gradient, this.#hessian, this.#product]) replay?.dispose();
  }
}

function checkObjective(name: string, f: unknown): void {
  const given = f as GivenFunction | null;
  if (typeof f === 'function') return;
  if (typeof given?.value === 'function' && typeof given.gradient === 'function') return;
  throw new ArgumentError(
    `${name}: f must be a function of x, or an object with the functions value and gradient, got ${describe(f)}`,
  );
}

/** The result of f, which must be one number. */
function scalarOf(name: string, y: unknown): Tensor {
  if (!(y instanceof Tensor))
    throw new ArgumentError(
      `${name}: f must return a tensor, got ${typeof y === 'object' ? 'a tree' : describe(y)}`,
    );
  if (y.ndim !== 0)
    throw new ShapeError(`${name}: f must return a real scalar (shape []), got ${y.dtype} ${show(y.shape)}`);
  return y;
}

/** The number that f returned. */
function numberOf(name: string, y: unknown): number {
  if (typeof y === 'number') return y;
  if (y instanceof Tensor && y.size === 1) return y.item();
  const got = y instanceof Tensor ? `a tensor of shape ${show(y.shape)}` : describe(y);
  throw new ShapeError(`${name}: f must return a scalar tensor, got ${got}`);
}
