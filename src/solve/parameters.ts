// Parameters: a tree of tensors as one vector, and back. Solvers work on vectors, users on trees.
import { ArgumentError, DTypeError } from '../core/errors.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { flatten, leavesLike, type Structure, type Tree, unflatten } from '../core/tree.js';
import { checkFloat, type Float } from '../linalg/stack.js';
import { reshape } from '../ops/layout.js';
import { slice } from '../ops/slice.js';
import { untraced } from '../ops/untraced.js';

/** The layout of a tree of parameters. */
export class Parameters {
  /** Total number of entries. */
  readonly size: number;
  readonly dtype: Float;
  readonly #name: string;
  readonly #argument: string;
  readonly #like: Tree;
  readonly #leaves: readonly Tensor[];
  readonly #structure: Structure;

  /** `name` and `argument` are for messages; the tensors of `tree` must live as long as this. */
  constructor(name: string, argument: string, tree: Tree) {
    const { leaves, structure } = flatten(tree, name);
    if (leaves.length === 0)
      throw new ArgumentError(`${name}: ${argument} must be a tensor or a tree of tensors, got none`);
    for (const leaf of leaves) checkFloat(name, argument, leaf);
    const { dtype } = leaves[0];
    const other = leaves.find((leaf) => leaf.dtype !== dtype);
    if (other !== undefined) {
      throw new DTypeError(
        `${name}: the tensors of ${argument} must share one dtype, got ${dtype} and ${other.dtype} (convert with astype)`,
      );
    }
    this.#name = name;
    this.#argument = argument;
    this.#like = tree;
    this.#leaves = leaves;
    this.#structure = structure;
    this.size = leaves.reduce((sum, { size }) => sum + size, 0);
    this.dtype = dtype as Float;
  }

  /** Whether it is a tree of one tensor. */
  get isSingle(): boolean {
    return this.#leaves.length === 1;
  }

  /** An uninitialised vector [size]. */
  vector(): Tensor {
    return allocate([this.size], this.dtype, this.#name);
  }

  /** out := the entries of a matching tree, leaf after leaf; the tree must not be differentiated. */
  gather(tree: Tree, out: Tensor, argument = this.#argument): void {
    const leaves = leavesLike(this.#name, argument, tree, this.#like);
    const data = out.data();
    let at = 0;
    for (const leaf of leaves) {
      data.set(untraced(this.#name, argument, leaf).data(), at);
      at += leaf.size;
    }
  }

  /** The entries of the tree that this was made of. */
  start(): Tensor {
    const out = this.vector();
    this.gather(this.#like, out);
    return out;
  }

  /** The tree for a vector, in operations, so that it can be traced and differentiated. */
  tree(vector: Tensor): Tree {
    let at = 0;
    const leaves = this.#leaves.map(({ size, shape }) => {
      const part = this.isSingle ? vector : slice(vector, [at], [at + size]);
      at += size;
      return part.ndim === shape.length && shape.length === 1 ? part : reshape(part, shape);
    });
    return unflatten(this.#structure, leaves);
  }

  /** The vector for a matching tree, in operations. */
  joined(tree: Tree, join: (parts: Tensor[], axis: number) => Tensor, argument = this.#argument): Tensor {
    const parts = leavesLike(this.#name, argument, tree, this.#like).map((leaf) =>
      reshape(leaf, [leaf.size]),
    );
    return parts.length === 1 ? parts[0] : join(parts, 0);
  }
}
