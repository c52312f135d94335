// Why ADMM does not converge: A x + B z = c has no solution, or f + g falls without bound along a ray. Tests the terms
// far away.
import { hypot } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import type { AdmmBlock } from './admm-block.js';

/** The state of the iteration: x [n], z [p], and u, A x, B z [m]. */
export interface AdmmState {
  x: Tensor;
  z: Tensor;
  u: Tensor;
  ax: Tensor;
  bz: Tensor;
  rho: number;
}

/**
 * `separation`: a unit vector y with yᵀ(A x + B z - c) >= distance > 0 for all x and z where f and g are finite. `ray`:
 * directions with A dx + B dz = 0 along which f + g falls by `slope` per unit, without bound.
 */
export type AdmmProof =
  | { kind: 'separation'; y: Tensor; distance: number }
  | { kind: 'ray'; dx: Tensor; dz: Tensor; slope: number };

/** How far away the terms are tested, in units of the iterates. */
const FAR = { f64: 1e8, f32: 1e3 } as const;
/** The first test comes after this many iterations, and others whenever the iterations have doubled. */
const FIRST = 32;
/** The largest A dx + B dz relative to its terms, and the fraction of the slope that must remain far away. */
const LEVEL = 1e-4;
const STEADY = 0.5;

/**
 * Without a solution, differences of iterates of an operator splitting converge to the shortest vector from the set of
 * all A x + B z to c, and to a ray. At a finite iteration that is no proof; so each term is minimised once more, with
 * its argument moved very far along that vector or ray: constraints then show their outermost point, whatever else the
 * term contains.
 * Source: Banjac, Goulart, Stellato & Boyd, J. Optim. Theory Appl. 183 (2019); Bauschke & Moursi, Math. Program. 164
 * (2017).
 */
export class Divergence {
  readonly #f: AdmmBlock;
  readonly #g: AdmmBlock;
  readonly #c: Tensor | undefined;
  /** x and z at the last test. */
  readonly #x: Tensor;
  readonly #z: Tensor;
  #next = FIRST;

  constructor(f: AdmmBlock, g: AdmmBlock, c: Tensor | undefined) {
    this.#f = f;
    this.#g = g;
    this.#c = c;
    this.#x = f.parameters.start();
    this.#z = g.parameters.vector();
    this.#z.data().fill(0);
  }

  /** A proof, or undefined, also while no test is due. Its tensors belong to the caller's scope. */
  at(iteration: number, state: AdmmState): AdmmProof | undefined {
    // A user's minimiser is not made for arguments this far away.
    if (iteration < this.#next || this.#f.isOpaque || this.#g.isOpaque) return undefined;
    this.#next = 2 * iteration;
    const [y, dx, dz] = [state.u, state.x, state.z].map((vector) => cloneTensor(vector, 'admm'));
    const proof = scope(() => {
      const distance = this.#separates(state, y);
      if (distance > 0) return { distance };
      axpy(-1, this.#x, dx);
      axpy(-1, this.#z, dz);
      const slope = this.#falls(state, dx, dz);
      return slope < 0 ? { slope } : {};
    });
    assign(state.x, this.#x);
    assign(state.z, this.#z);
    if (proof.distance !== undefined) return { kind: 'separation', y, distance: proof.distance };
    return proof.slope === undefined ? undefined : { kind: 'ray', dx, dz, slope: proof.slope };
  }

  /** y := the residual, scaled to length 1; returns the least yᵀ(A x + B z - c), or 0 if it is not clearly positive. */
  #separates({ u, x, z, ax, bz, rho }: AdmmState, y: Tensor): number {
    const c = this.#c;
    assign(ax, y);
    axpy(1, bz, y);
    if (c !== undefined) axpy(-1, c, y);
    const size = norm2(y);
    if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return 0;
    scale(1 / size, y);
    const reach =
      FAR[this.#f.parameters.dtype] * Math.max(...[ax, bz, u, ...(c ? [c] : [])].map(norm2), size);
    const side = (term: AdmmBlock, map: Tensor, vector: Tensor) => {
      const [v, out, image] = [map, vector, map].map((like) => cloneTensor(like, 'admm'));
      axpy(-reach, y, v);
      if (!term.solve(v, rho, out)) return Number.NaN;
      term.apply(out, image);
      return dot(y, image);
    };
    const least = side(this.#f, ax, x) + side(this.#g, bz, z) - (c === undefined ? 0 : dot(y, c));
    return least >= STEADY * size ? least : 0;
  }

  /**
   * The slope of f + g very far along (dx, dz), which is scaled to length 1; 0 if the slope is not clearly negative.
   */
  #falls({ x, z, ax, bz, rho }: AdmmState, dx: Tensor, dz: Tensor): number {
    const size = hypot(norm2(dx), norm2(dz));
    if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return 0;
    scale(1 / size, dx);
    scale(1 / size, dz);
    const [adx, bdz] = [cloneTensor(ax, 'admm'), cloneTensor(bz, 'admm')];
    this.#f.apply(dx, adx);
    this.#g.apply(dz, bdz);
    const both = cloneTensor(adx, 'admm');
    axpy(1, bdz, both);
    if (!(norm2(both) <= LEVEL * Math.max(norm2(adx), norm2(bdz)))) return 0;
    // A subgradient of f at p = argmin f + ρ ‖A p - v‖² / 2 is ρ Aᵀ(v - A p).
    const slopeOf = (term: AdmmBlock, map: Tensor, along: Tensor, vector: Tensor, by: number) => {
      const [v, out, image] = [map, vector, map].map((like) => cloneTensor(like, 'admm'));
      axpy(by, along, v);
      const from = cloneTensor(v, 'admm');
      if (!term.solve(v, rho, out)) return Number.NaN;
      term.apply(out, image);
      axpy(-1, image, from);
      return rho * dot(from, along);
    };
    const slope = (by: number) => slopeOf(this.#f, ax, adx, x, by) + slopeOf(this.#g, bz, bdz, z, by);
    const reach = Math.sqrt(FAR[this.#f.parameters.dtype]) * Math.max(norm2(x), norm2(z), size);
    const [near, far] = [slope(0), slope(reach)];
    return near < 0 && far <= STEADY * near ? far : 0;
  }
}
