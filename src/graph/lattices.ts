// Networks without chance: paths, rings, grids, complete networks and stars.
import { checkCount } from '../core/check.js';
import { allocateEdges, edgeList, type OwnedEdgeList } from './edge-list.js';

/** A network of n vertices with m edges, which `write` gives one after the other, the smaller end first. */
function made(
  name: string,
  n: number,
  m: number,
  write: (edge: (u: number, v: number) => void) => void,
): OwnedEdgeList {
  const edges = allocateEdges(name, m);
  const ends = edges.data();
  let at = 0;
  write((u, v) => {
    ends[at++] = u;
    ends[at++] = v;
  });
  return edgeList(n, edges);
}

/**
 * The path 0 - 1 - … - (n - 1).
 * @returns n vertices, max(n - 1, 0) edges.
 * @throws ArgumentError for an `n` that is no count; OutOfMemoryError.
 * @example
 * graph.path(3).edges; // [[0, 1], [1, 2]]
 */
export function path(n: number): OwnedEdgeList {
  checkCount('path', 'n', n);
  return made('path', n, Math.max(n - 1, 0), (edge) => {
    for (let v = 1; v < n; v++) edge(v - 1, v);
  });
}

/**
 * The ring 0 - 1 - … - (n - 1) - 0. Being simple, a ring of 2 vertices has one edge, and that of one vertex has none.
 * @returns n vertices, n edges (for n >= 3).
 * @throws ArgumentError for an `n` that is no count; OutOfMemoryError.
 * @example
 * graph.ring(3).edges; // [[0, 1], [1, 2], [0, 2]]
 */
export function ring(n: number): OwnedEdgeList {
  checkCount('ring', 'n', n);
  return made('ring', n, n < 3 ? Math.max(n - 1, 0) : n, (edge) => {
    for (let v = 1; v < n; v++) edge(v - 1, v);
    if (n >= 3) edge(0, n - 1);
  });
}

/**
 * The grid of `rows` x `columns` vertices, each joined to its neighbours above, below, left and right: vertex r · columns + c stands in row r and column c.
 * @returns rows · columns vertices, rows (columns - 1) + (rows - 1) columns edges, row by row of the smaller end.
 * @throws ArgumentError for sizes that are no counts; OutOfMemoryError.
 * @example
 * graph.grid2d(2, 2).edges; // [[0, 1], [0, 2], [1, 3], [2, 3]]
 */
export function grid2d(rows: number, columns: number): OwnedEdgeList {
  checkCount('grid2d', 'rows', rows);
  checkCount('grid2d', 'columns', columns);
  checkCount('grid2d', 'rows · columns', rows * columns);
  const across = rows * Math.max(columns - 1, 0);
  const down = Math.max(rows - 1, 0) * columns;
  return made('grid2d', rows * columns, across + down, (edge) => {
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const v = r * columns + c;
        if (c + 1 < columns) edge(v, v + 1);
        if (r + 1 < rows) edge(v, v + columns);
      }
  });
}

/**
 * The complete network: all vertices are joined.
 * @returns n vertices, n (n - 1) / 2 edges in lexicographic order.
 * @throws ArgumentError for an `n` that is no count; ShapeError for more edges than a tensor holds; OutOfMemoryError.
 * @example
 * graph.complete(3).edges; // [[0, 1], [0, 2], [1, 2]]
 */
export function complete(n: number): OwnedEdgeList {
  checkCount('complete', 'n', n);
  return made('complete', n, (n * Math.max(n - 1, 0)) / 2, (edge) => {
    for (let u = 0; u < n; u++) for (let v = u + 1; v < n; v++) edge(u, v);
  });
}

/**
 * The star: vertex 0 is joined to all others.
 * @returns n vertices, max(n - 1, 0) edges.
 * @throws ArgumentError for an `n` that is no count; OutOfMemoryError.
 * @example
 * graph.star(3).edges; // [[0, 1], [0, 2]]
 */
export function star(n: number): OwnedEdgeList {
  checkCount('star', 'n', n);
  return made('star', n, Math.max(n - 1, 0), (edge) => {
    for (let v = 1; v < n; v++) edge(0, v);
  });
}
