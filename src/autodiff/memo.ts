// Memo: tensors that a rule needs in every backward pass through one recording.
import type { Owned } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { collectResults, ownedBy } from '../ops/ownership.js';

/**
 * A single gradient needs them once, and nothing is cached; for a Jacobian by rows they are kept until the recording
 * ends. With `atOnce` they are kept from the first pass on.
 */
export class Memo implements Owned {
  #uses = 0;
  #kept: readonly Tensor[] = [];
  readonly #atOnce: boolean;

  constructor(atOnce: boolean) {
    this.#atOnce = atOnce;
  }

  /** The result of `make`, which must be the same every time. */
  getOrMake(make: () => Tensor[]): readonly Tensor[] {
    if (this.#kept.length > 0) return this.#kept;
    if (++this.#uses === 1 && !this.#atOnce) return make();
    this.#kept = ownedBy([], () => collectResults(make));
    for (const tensor of this.#kept) tensor.watch();
    return this.#kept;
  }

  /** Nothing to do: each tensor is registered by itself. */
  watch(): void {}

  dispose(): void {
    for (const tensor of this.#kept) tensor.dispose();
    this.#kept = [];
  }
}
