// Networks as lists of edges: undirected and simple, each edge once.
import { disposable } from '../core/disposable.js';
import { checkSize } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';

/** A network of the vertices 0 … n - 1, undirected and simple: no edge from a vertex to itself, and each edge once. */
export interface EdgeList {
  /** Number of vertices. */
  n: number;
  /** i32 [m, 2]: the two ends of each edge, the smaller one first. */
  edges: Tensor;
  /** [m]; without them every edge has the weight 1. */
  weights?: Tensor;
  /** Names of the vertices, where a text gave some. */
  labels?: string[];
}

/** A network whose tensors were made for it. */
export interface OwnedEdgeList extends EdgeList {
  /** Frees edges and weights. */
  dispose(): void;
}

/** A network of these tensors, which it owns. */
export function edgeList(n: number, edges: Tensor, weights?: Tensor, labels?: string[]): OwnedEdgeList {
  return disposable({
    n,
    edges,
    ...(weights && { weights }),
    ...(labels && { labels }),
    dispose() {
      edges.dispose();
      weights?.dispose();
    },
  });
}

/** Room for m edges, i32 [m, 2]; errors name `name`. */
export function allocateEdges(name: string, m: number): Tensor {
  checkSize(name, [m, 2]);
  return allocate([m, 2], 'i32', name);
}
