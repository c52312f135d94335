// Networks: readers, generators, matrices, and Fourier transforms on them.
export type { EdgeList, OwnedEdgeList } from './edge-list.js';
export {
  type FourierTransform,
  type FourierTransformOptions,
  fourierTransform,
} from './fourier-transform.js';
export { complete, grid2d, path, ring, star } from './lattices.js';
export { adjacency, degrees, type LaplacianKind, type LaplacianOptions, laplacian } from './matrices.js';
export type { Edges, Network, Weights } from './network.js';
export { type GeometricNetwork, randomGeometric } from './random-geometric.js';
export { barabasiAlbert, erdosRenyi, wattsStrogatz } from './random-graphs.js';
export { type EdgeListOptions, readEdgeList } from './read-edge-list.js';
export { type MatrixMarketOptions, readMatrixMarket } from './read-matrix-market.js';
