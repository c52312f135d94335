// Memo: tensors that a rule needs in every walk back through one recording.
import type { Owned } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { collectResults, ownedBy } from '../ops/ownership.js';

/** One gradient needs them once, and keeps nothing; for a Jacobian by rows they stay until the recording ends. */
export class Memo implements Owned {
  #uses = 0;
  #kept: readonly Tensor[] = [];

  /** What `make` gives, which is the same every time. */
  getOrMake(make: () => Tensor[]): readonly Tensor[] {
    if (this.#kept.length > 0) return this.#kept;
    if (++this.#uses === 1) return make();
    this.#kept = ownedBy([], () => collectResults(make));
    for (const tensor of this.#kept) tensor.watch();
    return this.#kept;
  }

  /** Nothing: each tensor is watched by itself. */
  watch(): void {}

  dispose(): void {
    for (const tensor of this.#kept) tensor.dispose();
    this.#kept = [];
  }
}
