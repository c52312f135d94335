// Trainer: updates parameters in place, one batch at a time, by one compiled program and the optimizer's step.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import type { Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { flatten, mapTree, type Tree } from '../../core/tree.js';
import { blas } from '../../generated/blas.js';
import { cloneTensor, type Float } from '../../linalg/stack.js';
import { untraced } from '../../ops/untraced.js';
import {
  copyTree,
  floatLeaves,
  type Optimizer,
  type OptimizerState,
} from '../../optim/stochastic/optimizer.js';
import { type CompileOption, Replay } from '../../solve/replay.js';
import { numbersOf } from './evaluate.js';
import type { Step } from './objective.js';

/** What a step has measured. */
export interface Measures {
  loss: number;
  metrics: Record<string, number>;
}

/** Parameters in training. */
export class Trainer<P extends Tree> {
  /** The parameters, updated in place. */
  readonly params: P;
  readonly #leaves: Tensor[];
  readonly #optimizer: Optimizer;
  readonly #state: OptimizerState;
  /** Whether the caller owns the state. */
  readonly #borrowed: boolean;
  readonly #replay: Replay;
  readonly #keys: Generator;
  readonly #key: Tensor;
  /** A copy of the parameters before a step; only if steps may be shortened. */
  readonly #before: Tensor[];

  /** Copies `params`; updates `state` in place, if one is given. */
  constructor(
    name: string,
    params: P,
    step: (params: Tree, batch: Tree, key: Tensor) => Step,
    {
      optimizer,
      state,
      keys,
      shortens,
      compile,
    }: {
      optimizer: Optimizer;
      state?: OptimizerState;
      keys: Generator;
      shortens: boolean;
      compile: CompileOption;
    },
  ) {
    if (typeof optimizer?.step !== 'function')
      throw new ArgumentError(
        `${name}: optimizer must be one of optim's (optim.adam(…)), got ${describe(optimizer)}`,
      );
    floatLeaves(name, 'params', params);
    const own = scope(() => ({
      params: copyTree(name, params),
      state: state ?? optimizer.init(params),
      key: allocate(Object.freeze([2]), 'i32', name),
      before: shortens ? copyTree(name, params) : undefined,
    }));
    this.params = own.params;
    this.#leaves = flatten(own.params).leaves;
    this.#before = flatten(own.before).leaves;
    this.#optimizer = optimizer;
    this.#state = own.state;
    this.#borrowed = state !== undefined;
    this.#key = own.key;
    this.#keys = keys;
    this.#replay = new Replay(step as never, compile);
  }

  /**
   * One step on a batch, `scale` times as long as the optimizer's. Nothing changes if the loss is not finite. Rules
   * that return the loss as a number return new tensors as direction; the scope frees them.
   */
  step(batch: Tree, scale: number): Measures {
    return scope(() => {
      const drawn = this.#keys.integers([2], -(2 ** 31), 2 ** 31);
      this.#key.data().set(drawn.data());
      return this.#replay.run([this.params, batch, this.#key] as Tensor[], (result: Step) => {
        const loss =
          typeof result.loss === 'number' ? result.loss : untraced('fit', 'the loss', result.loss).item();
        const metrics = numbersOf(result.metrics);
        if (Number.isFinite(loss)) this.#move(result, scale);
        return { loss, metrics };
      });
    });
  }

  /** Forgets the compiled step: what it does has changed. */
  renew(): void {
    this.#replay.renew();
  }

  #move({ direction, moved, movedAt }: Step, scale: number): void {
    if (scale !== 1) for (const [i, leaf] of this.#leaves.entries()) this.#before[i].data().set(leaf.data());
    this.#optimizer.step(this.params, direction, this.#state);
    if (scale !== 1) this.#shorten(scale);
    // After the optimizer's step, because its weight decay must not apply to running statistics.
    for (const [i, at] of movedAt.entries()) this.#leaves[at].data().set(moved[i].data());
  }

  /**
   * θ := scale θ + (1 - scale) θ₋: steps are linear in the learning rate, so this multiplies every learning rate by
   * `scale`.
   */
  #shorten(scale: number): void {
    for (const [i, { size, dtype, address }] of this.#leaves.entries()) {
      const from = this.#before[i].address;
      blas.exports[`scal_${dtype as Float}`](size, scale, address, 1);
      blas.exports[`axpy_${dtype as Float}`](size, 1 - scale, from, 1, address, 1);
    }
  }

  /** A copy of the parameters. */
  snapshot(): P {
    return scope<Tree>(() => mapTree(this.params, (leaf) => cloneTensor(leaf, 'fit'))) as P;
  }

  /** Copies a snapshot to the parameters, or the parameters to a snapshot. */
  static assign(from: Tree, to: Tree): void {
    const target = flatten(to).leaves;
    for (const [i, leaf] of flatten(from).leaves.entries()) target[i].data().set(leaf.data());
  }

  /** Frees everything except, if the caller gets them, the parameters. */
  dispose(keepParams: boolean): void {
    this.#replay.dispose();
    const state = this.#borrowed ? [] : flatten(this.#state).leaves;
    const params = keepParams ? [] : this.#leaves;
    for (const tensor of [this.#key, ...this.#before, ...state, ...params]) tensor.dispose();
  }
}
