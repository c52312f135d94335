// Polyhedral cones and polyhedra: from inequalities to generators and back, projections, and ready-made matrices.
export type { MatrixLike, VectorLike } from './arguments.js';
export {
  type CddDescription,
  type CddOptions,
  type ExactMatrix,
  type ExactVector,
  readCdd,
} from './cdd/read.js';
export { type WritableDescription, writeCdd } from './cdd/write.js';
export {
  type ConeDescription,
  type DoubleDescriptionOptions,
  doubleDescription,
  generators,
} from './double-description.js';
export { type FacetDescription, facetEnumeration, type Generators } from './facet-enumeration.js';
export type { ExactFacets } from './facets.js';
export type { EnumerationOptions, EnumerationProgress, RowOrder } from './problem.js';
export { contains, distance, type ProjectionOptions, project } from './projection/project.js';
export { checkerboard, convex, type MonotoneOptions, monotone, signs } from './ready-made.js';
export type { ExactGenerators } from './solution.js';
export {
  type Equalities,
  type PolyhedronDescription,
  type VertexEnumerationOptions,
  vertexEnumeration,
} from './vertex-enumeration.js';
