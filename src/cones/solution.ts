// A cone or polyhedron by its constraints, and what an enumeration finds of it.
import type { Tensor } from '../core/tensor.js';
import type { Matrix } from './arguments.js';
import type { Incidence } from './problem.js';
import type { Roles } from './roles.js';

/** {x : A x <= 0, E x = 0}, or with b (and e) the polyhedron {x : A x <= b, E x = e}. */
export interface Constraints {
  readonly A: Matrix;
  readonly b?: Matrix;
  readonly E?: Matrix;
  readonly e?: Matrix;
}

/** Generators in whole numbers. */
export interface ExactGenerators {
  /** x / denominator, in lowest terms. */
  readonly vertices: { readonly x: bigint[]; readonly denominator: bigint }[];
  readonly rays: bigint[][];
  readonly lineality: bigint[][];
}

/** What is found. A polyhedron without points has no generators. */
export interface Solution extends Roles {
  /** [v, n]; [0, n] of a cone. */
  readonly vertices: Tensor;
  /** [r, n], of unit length. */
  readonly rays: Tensor;
  /** [l, n], orthonormal. */
  readonly lineality: Tensor;
  /** -1 of the empty set. */
  readonly dimension: number;
  readonly empty: boolean;
  readonly exact?: ExactGenerators;
  readonly arithmetic: 'float' | 'exact';
  readonly peak: number;
}

/** Looks at which vertices, then rays, lie on which rows (of a polyhedron, the homogenising one comes last), while it is there. */
export type Inspect = (incidence: Incidence) => void;
