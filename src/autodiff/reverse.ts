// Reverse mode (dissertation, Algorithm 2): records operations as they run, then walks them backwards; each turns the
// cotangents of its outputs into those of its inputs.
import type { TypedArray } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { ownedIn } from '../core/scope.js';
import { type Owned, transfer } from '../core/scope-stack.js';
import { sameShape, show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, type Tree, unflatten } from '../core/tree.js';
import { add } from '../ops/arithmetic.js';
import { applyAll, type Derivative, isDifferentiable, type Linearization, type Op } from '../ops/op.js';
import { aliasOf, ownedBy, ownResults, retain } from '../ops/ownership.js';
import { advanceEpoch, type Trace, Tracer } from '../ops/tracer.js';
import { evaluate } from './evaluate.js';
import { Hold } from './hold.js';
import { Memo } from './memo.js';
import { cotangentsOf } from './transposed.js';

/** A value whose uses are recorded. */
export class Variable extends Tracer {
  readonly trace: Tape;
  readonly primal: Tensor;
  /** Its cotangent so far. */
  cotangent: Derivative;

  constructor(trace: Tape, primal: Tensor) {
    super(primal.shape, primal.dtype, undefined);
    this.trace = trace;
    this.primal = primal;
  }

  override get isDisposed(): boolean {
    return false;
  }

  override data(): TypedArray {
    return this.primal.data();
  }

  /** Nothing to free: the backward pass may need the value, so it belongs to the tape. */
  override dispose(): void {}
}

/** One step of the backward pass. */
export interface Entry {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Variable[];
  /** Cotangents of the inputs; the caller frees intermediate tensors. */
  pullback(cotangents: readonly Derivative[]): readonly Derivative[];
}

/** Recordings in progress, innermost last. */
const recording: Tape[] = [];

/** The innermost recording in progress. */
export function innermostTape(): Tape | undefined {
  return recording[recording.length - 1];
}

/** A recording. */
export class Tape implements Trace {
  readonly name: string;
  readonly level: number;
  open = false;
  /** In execution order: every entry comes after its inputs. */
  entries: Entry[] = [];
  /** Every recorded value, and what else the backward pass needs. */
  values: Owned[] = [];

  constructor(level: number, name: string) {
    this.level = level;
    this.name = name;
  }

  /** A value whose uses are recorded from here on; the caller still owns it. */
  lift(primal: Tensor): Variable {
    return new Variable(this, primal);
  }

  /** Runs `f` and records what it does with the variables; tensors that it makes belong to the tape. */
  during<T>(f: () => T): T {
    recording.push(this);
    this.open = true;
    try {
      return ownedBy(this.values, f);
    } finally {
      this.open = false;
      recording.pop();
    }
  }

  owns(x: Tensor): x is Variable {
    return x instanceof Variable && x.trace === this;
  }

  /** The value without its recording. */
  primalOf(x: Tensor): Tensor {
    return this.owns(x) ? x.primal : x;
  }

  /**
   * What the backward pass may read of the inputs of a step. A constant may be disposed before then, so a handle on it
   * is kept.
   */
  #held(inputs: readonly Tensor[]): Tensor[] {
    return inputs.map((x) => (this.owns(x) ? x.primal : ownedBy(this.values, () => retain(x))));
  }

  apply<P>(op: Op<P>, inputs: readonly Tensor[], params: P): Tensor[] {
    const primals = inputs.map((x) => this.primalOf(x));
    if (!isDifferentiable(op as Op<never>)) return applyAll(op, primals, params);
    const { outputs, residuals } =
      op.evaluate === undefined
        ? { outputs: ownedBy(this.values, () => applyAll(op, primals, params)) }
        : evaluate(op, primals, params, this.values, this.level);
    for (const body of op.bodies ?? []) this.values.push(new Hold(body));
    const wanted = inputs.map((x) => this.owns(x));
    const memo = op.evaluate || op.memoizes ? this.#memo(op.memoizes === true) : undefined;
    const point = { inputs: this.#held(inputs), outputs, params, wanted, residuals, memo };
    return this.record(op.name, inputs, outputs, (cotangents) =>
      cotangentsOf(op, cotangents, point, newTape),
    );
  }

  #memo(atOnce: boolean): Linearization<unknown>['memo'] {
    const memo = new Memo(atOnce);
    this.values.push(memo);
    return (make) => memo.getOrMake(make);
  }

  /** Records a step; its real outputs, which the tape already holds, become variables. */
  record(
    name: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    pullback: Entry['pullback'],
  ): Tensor[] {
    const variables = outputs.map((output) => new Variable(this, output));
    this.entries.push({ name, inputs, outputs: variables, pullback });
    // A separate handle: an outer tape may still need what this one frees.
    return variables.map((variable) => (variable.dtype === 'i32' ? aliasOf(variable.primal) : variable));
  }

  /** Walks the whole recording backwards, once. */
  walk(seeds: readonly (readonly [Tensor, Tensor])[]): void {
    this.backward(seeds as readonly (readonly [Variable, Tensor])[], this.entries, true);
  }

  /**
   * Walks the entries backwards from cotangents of some variables. With `release`, every value is freed as soon as no
   * earlier entry can need it; otherwise they stay for the next pass.
   */
  backward(
    seeds: readonly (readonly [Variable, Tensor])[],
    entries: readonly Entry[],
    release: boolean,
  ): void {
    try {
      this.#walk(seeds, entries, release);
    } catch (error) {
      // The scope around this frees the cotangents, so the next pass must not find them.
      for (const [variable] of seeds) variable.cotangent = undefined;
      for (const { inputs } of entries)
        for (const input of inputs) if (this.owns(input)) input.cotangent = undefined;
      throw error;
    }
  }

  #walk(seeds: readonly (readonly [Variable, Tensor])[], entries: readonly Entry[], release: boolean): void {
    for (const [variable, cotangent] of seeds) accumulate(variable, aliasOf(cotangent));
    for (let i = entries.length - 1; i >= 0; i--) {
      const { name, inputs, outputs, pullback } = entries[i];
      const cotangents = outputs.map((output) => output.cotangent);
      for (const output of outputs) output.cotangent = undefined;
      if (cotangents.some((ct) => ct !== undefined)) {
        const results = ownResults(() => pullback(cotangents));
        inputs.forEach((input, j) => {
          const result = results[j];
          if (result === undefined) return;
          if (!this.owns(input)) {
            result.dispose();
            return;
          }
          if (!sameShape(result.shape, input.shape) || result.dtype !== input.dtype) {
            throw new ArgumentError(
              `${name}: its vjp rule must give input ${j} a cotangent of ${input.dtype} ${show(input.shape)}, ` +
                `got ${result.dtype} ${show(result.shape)}`,
            );
          }
          accumulate(input, result);
        });
        for (const ct of cotangents) ct?.dispose();
      }
      if (release) for (const output of outputs) output.primal.dispose();
    }
  }

  /**
   * Runs `f` and records it as one step that stores only its inputs and outputs; the backward pass runs `f` again. Its
   * inputs are the variables that it uses, wherever they come from. If a forward pass inside the recording traces `f`,
   * it cannot be run again later: then every step is recorded.
   */
  checkpoint(f: () => Tree): Tree {
    const first = this.#apart(f);
    const made = new Set<Tensor>(first.entries.flatMap((entry) => entry.outputs));
    const inputs = [...new Set(first.entries.flatMap((entry) => entry.inputs))].filter(
      (x): x is Variable => this.owns(x) && !made.has(x),
    );
    const { leaves, structure } = flatten(first.result);
    if ([...first.values, ...leaves].some((x) => this.#isInside(x))) {
      for (const entry of first.entries) this.entries.push(entry);
      for (const value of first.values) this.values.push(value);
      return first.result;
    }
    const at = leaves.flatMap((leaf, i) => (made.has(leaf) ? [i] : []));
    const outputs = ownedBy(this.values, () => at.map((i) => aliasOf(this.primalOf(leaves[i]))));
    const kept = new Set<unknown>([...leaves, ...ownedIn(first.result)]);
    for (const value of first.values) {
      if (kept.has(value)) this.values.push(value);
      else value.dispose();
    }
    const results = [...leaves];
    this.record('checkpoint', inputs, outputs, (cotangents) =>
      this.#again(f, at, inputs, cotangents),
    ).forEach((output, k) => {
      results[at[k]] = output;
    });
    return unflatten(structure, results);
  }

  /** Whether a transformation within this recording, which will be over in the backward pass, traces the tensor. */
  #isInside(x: unknown): boolean {
    return x instanceof Tracer && x.trace.open && x.trace.level > this.level;
  }

  /** Runs `f` with its own recording. */
  #apart(f: () => Tree): { result: Tree; entries: Entry[]; values: Owned[] } {
    const { entries, values, open } = this;
    this.entries = [];
    this.values = [];
    try {
      const result = this.during(f);
      return { result, entries: this.entries, values: this.values };
    } finally {
      this.entries = entries;
      this.values = values;
      this.open = open;
    }
  }

  /** The backward pass through a checkpoint. */
  #again(
    f: () => Tree,
    at: readonly number[],
    inputs: readonly Variable[],
    cotangents: readonly Derivative[],
  ): readonly Derivative[] {
    advanceEpoch();
    const { result, entries, values } = this.#apart(f);
    const { leaves } = flatten(result);
    const before = inputs.map((input) => input.cotangent);
    for (const input of inputs) input.cotangent = undefined;
    const seeds = at.flatMap((i, k) => {
      const [leaf, ct] = [leaves[i], cotangents[k]];
      return ct !== undefined && this.owns(leaf) ? [[leaf, ct] as const] : [];
    });
    try {
      this.backward(seeds, entries, true);
    } finally {
      for (const value of values) value.dispose();
    }
    return inputs.map((input, i) => {
      const result = input.cotangent;
      input.cotangent = before[i];
      return result;
    });
  }

  /** Ends the recording and frees its values, except `kept`, which go to the innermost scope. */
  end(kept: ReadonlySet<unknown> = new Set()): void {
    this.open = false;
    this.entries = [];
    for (const value of this.values) {
      if (kept.has(value)) transfer(value);
      else value.dispose();
    }
    this.values = [];
  }
}

/** A recording for rules that are transposed. */
export function newTape(level: number, name: string): Tape {
  return new Tape(level, name);
}

/** Adds a cotangent and takes ownership of it. */
function accumulate(variable: Variable, cotangent: Tensor): void {
  const before = variable.cotangent;
  if (before === undefined) variable.cotangent = cotangent;
  else {
    variable.cotangent = add(before, cotangent);
    before.dispose();
    cotangent.dispose();
  }
}
