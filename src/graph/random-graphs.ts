// Random networks: Barabási and Albert's, Erdős and Rényi's, Watts and Strogatz's. Equal seeds give equal networks on every machine.
import { checkCount } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import { checkProbability, Draws, Skips } from './draws.js';
import { EdgeBuffer } from './edge-buffer.js';
import { allocateEdges, edgeList, type OwnedEdgeList } from './edge-list.js';

/**
 * Barabási and Albert's network: m vertices without edges, then each new vertex joins m distinct ones, drawn in proportion to their degrees
 * (the first joins all m). Degrees follow a power law.
 * Source: Barabási and Albert, Emergence of scaling in random networks, Science 286 (1999).
 * @param generator `random(seed)`.
 * @param m edges that each new vertex brings, 1 … n - 1.
 * @returns n vertices, m (n - m) edges; edges[k][1] is the new vertex.
 * @throws ArgumentError for an `m` out of range; ShapeError for more edges than a tensor holds; OutOfMemoryError.
 * @example
 * graph.barabasiAlbert(random(1), 100, 2).edges.shape; // [196, 2]
 */
export function barabasiAlbert(generator: Generator, n: number, m: number): OwnedEdgeList {
  const name = 'barabasiAlbert';
  checkGenerator(name, 'generator', generator);
  checkCount(name, 'n', n, 2);
  checkCount(name, 'm', m, 1, n - 1);
  const edges = allocateEdges(name, m * (n - m));
  try {
    const draws = new Draws(generator);
    /** The last vertex that each vertex was drawn for. */
    const joined = new Int32Array(n);
    for (let target = 0; target < m; target++) edges.data().set([target, m], 2 * target);
    for (let v = m + 1, at = 2 * m; v < n; v++) {
      // An end of one of the edges so far, all ends alike, is a vertex in proportion to its degree.
      const ends = at;
      for (let k = 0; k < m; ) {
        // Drawing may move the memory.
        const end = draws.below(ends);
        const data = edges.data();
        const target = data[end];
        if (joined[target] === v) continue;
        joined[target] = v;
        data[at++] = target;
        data[at++] = v;
        k++;
      }
    }
  } catch (error) {
    edges.dispose();
    throw error;
  }
  return edgeList(n, edges);
}

/**
 * Erdős and Rényi's network (Gilbert's form, G(n, p)): each pair of vertices is an edge with probability p, independently.
 * Source: Gilbert, Random graphs, Annals of Mathematical Statistics 30 (1959); skips over pairs that are no edges: Batagelj and Brandes, Efficient
 * generation of large random networks, Physical Review E 71 (2005).
 * @param generator `random(seed)`.
 * @param p 0 … 1.
 * @returns n vertices, p n (n - 1) / 2 edges on average, in the order of the larger end; in time that is linear in both.
 * @throws ArgumentError for a `p` out of range; ShapeError for more edges than a tensor holds; OutOfMemoryError.
 * @example
 * graph.erdosRenyi(random(1), 5, 1).edges.shape; // [10, 2]
 */
export function erdosRenyi(generator: Generator, n: number, p: number): OwnedEdgeList {
  const name = 'erdosRenyi';
  checkGenerator(name, 'generator', generator);
  checkCount(name, 'n', n);
  checkProbability(name, 'p', p);
  const buffer = new EdgeBuffer(name, false);
  const skips = new Skips(new Draws(generator), p);
  // The pairs u < v, those of one v after the other.
  for (let v = 1, u = skips.next(); v < n && u < Number.POSITIVE_INFINITY; v++, u -= v - 1)
    for (; u < v; u += 1 + skips.next()) buffer.push(u, v);
  return buffer.network(n);
}

/**
 * Watts and Strogatz's network: a ring in which each vertex is joined to its k nearest ones, and each of these edges moves one end to a random
 * vertex with probability p, where that gives neither an edge from a vertex to itself nor one that is there.
 * Source: Watts and Strogatz, Collective dynamics of 'small-world' networks, Nature 393 (1998).
 * @param generator `random(seed)`.
 * @param k neighbours of each vertex in the ring, an even number below n.
 * @param p 0 … 1.
 * @returns n vertices, n k / 2 edges.
 * @throws ArgumentError for a `k` or `p` out of range; ShapeError for more edges than a tensor holds; OutOfMemoryError.
 * @example
 * graph.wattsStrogatz(random(1), 20, 4, 0.1).edges.shape; // [40, 2]
 */
export function wattsStrogatz(generator: Generator, n: number, k: number, p: number): OwnedEdgeList {
  const name = 'wattsStrogatz';
  checkGenerator(name, 'generator', generator);
  checkCount(name, 'n', n, 1);
  checkCount(name, 'k', k, 0, n - 1);
  if (k % 2 !== 0) throw new ArgumentError(`${name}: k must be even, got ${describe(k)}`);
  checkProbability(name, 'p', p);
  const edges = allocateEdges(name, (n * k) / 2);
  try {
    const draws = new Draws(generator);
    const neighbours = ringNeighbours(n, k);
    for (let j = 1, at = 0; j <= k / 2; j++)
      for (let u = 0; u < n; u++, at += 2) {
        const v = moved(draws, neighbours, u, (u + j) % n, p);
        edges.data().set(u < v ? [u, v] : [v, u], at);
      }
  } catch (error) {
    edges.dispose();
    throw error;
  }
  return edgeList(n, edges);
}

/** The k nearest vertices of each in a ring. */
function ringNeighbours(n: number, k: number): Set<number>[] {
  const neighbours = Array.from({ length: n }, () => new Set<number>());
  for (let u = 0; u < n; u++)
    for (let j = 1; j <= k / 2; j++) {
      neighbours[u].add((u + j) % n);
      neighbours[(u + j) % n].add(u);
    }
  return neighbours;
}

/** The end of the edge from u to v after it may have moved. */
function moved(draws: Draws, neighbours: readonly Set<number>[], u: number, v: number, p: number): number {
  const n = neighbours.length;
  if (draws.uniform() >= p || neighbours[u].size >= n - 1) return v;
  let to = draws.below(n);
  while (to === u || neighbours[u].has(to)) to = draws.below(n);
  neighbours[u].delete(v);
  neighbours[v].delete(u);
  neighbours[u].add(to);
  neighbours[to].add(u);
  return to;
}
