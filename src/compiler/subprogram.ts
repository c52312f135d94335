// Subprogram: a graph that a row runs inside its own step, any number of times, in the memory of the row's workspace.
import type { Tensor } from '../core/tensor.js';
import { flatten } from '../core/tree.js';
import type { Kept, Workspace } from '../ops/workspace.js';
import { cpuExecutor } from './cpu-executable.js';
import type { Executable } from './executable.js';
import type { Graph } from './graph.js';
import { type Layout, layoutOf } from './layout.js';
import { simplify } from './simplify.js';

/** The first `count` outputs of a graph as a program that the workspace owns. The graph is left as it is. */
export class Subprogram implements Kept {
  readonly #layout: Layout;
  readonly #slab: number;
  readonly #count: number;
  /** Bytes of constants that do not belong to the graph. */
  readonly #folded: number;
  #executable: Executable | undefined;

  constructor(graph: Graph, space: Workspace, count = graph.outputs.length) {
    this.#count = count;
    const simpler = simplify(graph, count);
    try {
      this.#layout = layoutOf(simpler, cpuExecutor);
    } catch (error) {
      simpler.dispose();
      throw error;
    }
    const given = graph.storages();
    this.#folded = [...this.#layout.graph.storages()].reduce(
      (sum, storage) => (given.has(storage) ? sum : sum + storage.bytes),
      0,
    );
    space.keep(this);
    this.#slab = space.persistent(this.#layout.slabBytes);
  }

  /** The executable, made at the first run: the memory of a workspace exists only while steps run. */
  load(): Executable {
    this.#executable ??= cpuExecutor.load(this.#layout, this.#slab);
    return this.#executable;
  }

  /** Addresses of the outputs. */
  get results(): readonly number[] {
    const leaves = flatten(this.load().result).leaves as Tensor[];
    return leaves.slice(0, this.#count).map(({ address }) => address);
  }

  /** Bytes besides its slab and the constants of the graph: folded constants, and memory that steps allocate. */
  get bytes(): number {
    if (this.#executable === undefined) return this.#folded;
    const { graph, slabBytes } = this.#layout;
    return this.#executable.bytes - slabBytes - graph.constantBytes + this.#folded;
  }

  /** Nothing to do: the workspace frees it. */
  watch(): void {}

  dispose(): void {
    if (this.#executable !== undefined) this.#executable.dispose();
    else this.#layout.graph.dispose();
  }
}
