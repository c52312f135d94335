// The inverse of the matrix of a KKT system. Where constraints depend on each other it is the pseudoinverse, with which
// multipliers and gradients of the constraints are those of smallest norm.

import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { equilibrated } from '../../optim/convex/kkt-solve.js';
import { SymmetricSystem } from '../../optim/convex/symmetric-system.js';

/** A vector of the null space has a part in the unknowns if an entry of that part is larger than this. */
const PART = 1e-6;

/** A (pseudo)inverse. */
export interface KktInverseOf {
  Z: Float64Array;
  isUnique: boolean;
  isRegular: boolean;
}

/** Inverts symmetric matrices of up to `capacity` rows; its tensors belong to the caller's scope. */
export class KktInverse {
  readonly #system: SymmetricSystem;
  readonly #columns;
  readonly #epsilon: number;

  /** `epsilon`: the relative error of the matrices' entries. */
  constructor(capacity: number, epsilon: number, user: string) {
    this.#system = new SymmetricSystem(capacity, 'f64', user, capacity);
    this.#columns = tensor(new Float64Array(capacity * capacity));
    this.#epsilon = epsilon;
  }

  /**
   * The (pseudo)inverse of the N x N matrix K, which is destroyed; its first n rows belong to the unknowns, which are
   * unique unless the null space has a part in them; it is regular if there is no null space.
   */
  of(K: Float64Array, N: number, n: number): KktInverseOf {
    const scales = equilibrated(N, K);
    const Z = this.#inverse(K, N);
    if (Z === undefined) return pseudoinverse(K, N, n, scales, 64 * N * this.#epsilon);
    for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) Z[i * N + j] *= scales[i] * scales[j];
    return { Z, isUnique: true, isRegular: true };
  }

  /** The inverse of a matrix in scaled units; undefined if it is singular to rounding. */
  #inverse(K: Float64Array, N: number): Float64Array | undefined {
    this.#system.matrix.data().set(K.subarray(0, N * N));
    if (!this.#system.factor(N)) return undefined;
    const columns = view(this.#columns).subarray(0, N * N);
    columns.fill(0);
    for (let i = 0; i < N; i++) columns[i * N + i] = 1;
    this.#system.solve(this.#columns.address, N);
    const values = columns.slice();
    const rcond = 1 / (largestRow(K, N) * largestRow(values, N));
    return rcond > 8 * N * this.#epsilon ? values : undefined;
  }
}

/** The 1-norm of a symmetric matrix. */
function largestRow(K: Float64Array, N: number): number {
  let largest = 0;
  for (let i = 0; i < N; i++) {
    let sum = 0;
    for (let j = 0; j < N; j++) sum += Math.abs(K[i * N + j]);
    if (!(sum <= largest)) largest = sum;
  }
  return largest;
}

/** The pseudoinverse of S⁻¹ K S⁻¹ from the scaled K: Π S K⁺ S Π, with the projection Π along the null space. */
function pseudoinverse(
  K: Float64Array,
  N: number,
  n: number,
  scales: Float64Array,
  threshold: number,
): KktInverseOf {
  return scope<KktInverseOf & object>(() => {
    const { values, vectors } = eigh(tensor(K.subarray(0, N * N), { shape: [N, N] }));
    const [w, v] = [view(values), view(vectors)];
    const least = threshold * maxAbs(w);
    const Z = new Float64Array(N * N);
    const none: Float64Array[] = [];
    let isUnique = true;
    for (let k = 0; k < N; k++) {
      if (Math.abs(w[k]) > least) {
        for (let i = 0; i < N; i++) {
          const factor = (scales[i] * v[i * N + k]) / w[k];
          for (let j = 0; j < N; j++) Z[i * N + j] += factor * v[j * N + k] * scales[j];
        }
      } else {
        const vector = Float64Array.from({ length: N }, (_, i) => v[i * N + k]);
        if (maxAbs(vector.subarray(0, n)) > PART) isUnique = false;
        none.push(vector.map((x, i) => scales[i] * x));
      }
    }
    for (const u of orthonormal(none)) removeAlong(Z, N, u);
    return { Z, isUnique, isRegular: false };
  });
}

/** Gram and Schmidt's method, twice. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    for (let pass = 0; pass < 2; pass++) {
      for (const u of basis) {
        const along = dot(u, vector);
        for (let i = 0; i < u.length; i++) vector[i] -= along * u[i];
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    if (length > 0) basis.push(vector.map((x) => x / length));
  }
  return basis;
}

/** Z := (I - u uᵀ) Z (I - u uᵀ). */
function removeAlong(Z: Float64Array, N: number, u: Float64Array): void {
  const image = Float64Array.from({ length: N }, (_, i) => dot(Z.subarray(i * N, (i + 1) * N), u));
  const twice = dot(image, u);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) Z[i * N + j] += twice * u[i] * u[j] - image[i] * u[j] - u[i] * image[j];
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
