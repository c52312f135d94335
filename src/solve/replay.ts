// A function for an inner loop: compiled if it can be traced, uncompiled if it reads values.

import { compile, type Plan } from '../compiler/compile.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { UnknownValueError } from '../ops/tracer.js';

/** Whether a function is compiled: true: it must be possible; false: never; undefined: if it can be traced. */
export type CompileOption = boolean | undefined;

/** The option `compile` of a solver. */
export function checkCompile(name: string, option: unknown): CompileOption {
  if (option === undefined || typeof option === 'boolean') return option;
  throw new ArgumentError(`${name}: compile must be true, false or undefined, got ${describe(option)}`);
}

/** Runs one function many times on tensors of the same shapes. */
export class Replay {
  readonly #f: (...args: Tensor[]) => unknown;
  readonly #strict: boolean;
  #plan: Plan | undefined;

  constructor(f: (...args: Tensor[]) => unknown, option: CompileOption) {
    this.#f = f;
    this.#strict = option === true;
    if (option !== false) this.#plan = compile(f);
  }

  /** Passes the result of f to `read`; it is overwritten or freed afterwards. */
  run<T>(args: Tensor[], read: (result: never) => T): T {
    if (this.#plan !== undefined) {
      let result: unknown;
      try {
        result = this.#plan(...args);
      } catch (error) {
        if (this.#strict || !(error instanceof UnknownValueError)) throw error;
        this.#plan.dispose();
        this.#plan = undefined;
        return this.run(args, read);
      }
      return read(result as never);
    }
    let out!: T;
    scope(() => {
      out = read(this.#f(...args) as never);
    });
    return out;
  }

  /** Forgets what was compiled: f does something else from now on. */
  renew(): void {
    if (this.#plan === undefined) return;
    this.#plan.dispose();
    this.#plan = compile(this.#f);
  }

  dispose(): void {
    this.#plan?.dispose();
  }
}
