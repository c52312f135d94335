// Networks for tests: random ones, what a network says in plain numbers, and the adjacency matrix by asking for every pair.
import fc from 'fast-check';
import type { graph, Tensor } from '#src/index.js';

/** Edges as strings 'u-v', in order. */
export function pairs({ edges }: { edges: Tensor }): string[] {
  return (edges.toArray() as number[][]).map(([u, v]) => `${u}-${v}`);
}

/** A network in plain numbers. */
export interface PlainNetwork {
  n: number;
  edges: [number, number][];
  weights: number[];
}

/** Simple networks of up to 12 vertices, with weights that are not 0. */
export const networks: fc.Arbitrary<PlainNetwork> = fc.nat(12).chain((n) => {
  const all: [number, number][] = [];
  for (let u = 0; u < n; u++) for (let v = u + 1; v < n; v++) all.push([u, v]);
  return fc.shuffledSubarray(all).chain((edges) =>
    fc.record({
      n: fc.constant(n),
      edges: fc.constant(edges),
      weights: fc.array(
        fc.integer({ min: 1, max: 999 }).map((k) => k / 64),
        {
          minLength: edges.length,
          maxLength: edges.length,
        },
      ),
    }),
  );
});

/** The adjacency matrix: each entry looks through all edges. */
export function adjacencyOf({ n, edges, weights }: PlainNetwork): number[][] {
  const weight = (u: number, v: number) => {
    const k = edges.findIndex(([a, b]) => (a === u && b === v) || (a === v && b === u));
    return k < 0 ? 0 : weights[k];
  };
  return Array.from({ length: n }, (_, u) => Array.from({ length: n }, (_, v) => weight(u, v)));
}

/** Fails where a network is not what readers and generators must give: i32 pairs u < v below n, each once. */
export function faultOf({ n, edges }: graph.EdgeList): string | undefined {
  if (edges.dtype !== 'i32' || edges.shape[1] !== 2) return `edges are ${edges}`;
  const list = edges.toArray() as number[][];
  const odd = list.find(([u, v]) => !(u >= 0 && u < v && v < n));
  if (odd !== undefined) return `an edge ${odd} of ${n} vertices`;
  return new Set(pairs({ edges })).size === list.length ? undefined : 'an edge comes twice';
}
