// Subprogram: a graph that a row runs inside its own step, any number of times, in memory of the row's workspace.
import type { Owned } from '../core/scope-stack.js';
import type { Tensor } from '../core/tensor.js';
import { flatten } from '../core/tree.js';
import type { Workspace } from '../ops/workspace.js';
import { cpuExecutor } from './cpu-executable.js';
import type { Executable } from './executable.js';
import type { Graph } from './graph.js';
import { type Layout, layoutOf } from './layout.js';
import { simplify } from './simplify.js';

/** The first `count` outputs of a graph as a program, which goes with the workspace. The graph is left as it is. */
export class Subprogram implements Owned {
  readonly #layout: Layout;
  readonly #slab: number;
  readonly #count: number;
  #executable: Executable | undefined;

  constructor(graph: Graph, space: Workspace, count = graph.outputs.length) {
    this.#count = count;
    this.#layout = layoutOf(simplify(graph, count), cpuExecutor);
    space.keep(this);
    this.#slab = space.persistent(this.#layout.slabBytes);
  }

  /** What runs it, from the first call on the same: the memory of a workspace is there only when steps run. */
  load(): Executable {
    this.#executable ??= cpuExecutor.load(this.#layout, this.#slab);
    return this.#executable;
  }

  /** Addresses of the outputs. */
  get results(): readonly number[] {
    const leaves = flatten(this.load().result).leaves as Tensor[];
    return leaves.slice(0, this.#count).map(({ address }) => address);
  }

  /** Nothing: the workspace frees it. */
  watch(): void {}

  dispose(): void {
    if (this.#executable !== undefined) this.#executable.dispose();
    else this.#layout.graph.dispose();
  }
}
