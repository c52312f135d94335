// A z = b or Aᵀ z = b for A = ∂F/∂x at a point: by a dense matrix, or by matrix-free products from derivatives of F.

import { jacfwd } from '../autodiff/jacobian.js';
import { jvp } from '../autodiff/jvp.js';
import { linearMap } from '../autodiff/linearize.js';
import { vjp } from '../autodiff/vjp.js';
import { zeros } from '../core/create.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { solveOp, solveWithOp } from '../linalg/dense/solve.js';
import { cg } from '../linalg/iterative/cg.js';
import { gmres } from '../linalg/iterative/gmres.js';
import { add, neg } from '../ops/arithmetic.js';
import { concat, split } from '../ops/concat.js';
import { reshape } from '../ops/layout.js';
import { apply, applyAll, type Body, type Derivative, type Linearization, type Op } from '../ops/op.js';
import { isKnown, UnknownValueError } from '../ops/tracer.js';

/** F on lists of tensors: the parameters, and the unknowns. */
export type Residual = (theta: readonly Tensor[], x: readonly Tensor[]) => Tensor[];

/** How systems with ∂F/∂x are solved. */
export type LinearMethod = 'dense' | 'cg' | 'gmres';

/** A solver of the user's: leaves of z for leaves of the right side. */
export type OwnSolve = (
  b: Tensor[],
  transpose: boolean,
  theta: readonly Tensor[],
  x: readonly Tensor[],
) => Tensor[];

export interface LinearSettings {
  method: LinearMethod | undefined;
  tolerance: number | undefined;
  solve: OwnSolve | undefined;
  /** Graphs that f runs. */
  bodies?: readonly Body[];
}

/** Up to this many unknowns the matrix is computed. */
const DENSE = 512;

/** The entries of all tensors one after the other. */
export function vectorOf(leaves: readonly Tensor[]): Tensor {
  const flat = leaves.map((x) => reshape(x, [x.size]));
  return flat.length === 1 ? flat[0] : concat(flat, 0);
}

/** Tensors of the shapes of `like`, from one vector of entries. */
export function leavesOf(vector: Tensor, like: readonly Tensor[]): Tensor[] {
  const parts =
    like.length === 1
      ? [vector]
      : split(
          vector,
          like.map((x) => x.size),
        );
  return parts.map((part, i) => reshape(part, like[i].shape));
}

/** A linear system at a point of F; its derivatives are solutions of such systems, so they nest. */
export class LinearSystem {
  readonly #f: Residual;
  readonly #settings: LinearSettings;
  readonly #transpose: boolean;
  readonly #memo: Linearization<unknown>['memo'];

  /** `memo` belongs to the one point at which this system is solved. */
  constructor(
    f: Residual,
    settings: LinearSettings,
    transpose: boolean,
    memo?: Linearization<unknown>['memo'],
  ) {
    this.#f = f;
    this.#settings = settings;
    this.#transpose = transpose;
    this.#memo = memo;
  }

  /** z for b, vectors, at the point (theta, x). */
  solve(b: Tensor, theta: readonly Tensor[], x: readonly Tensor[]): Tensor {
    const { length } = theta;
    const op: Op = {
      name: 'implicitRoot',
      bodies: this.#settings.bodies,
      shape: ([right]) => right,
      evaluate: ([right, ...point]) => ({
        outputs: [scope(() => this.#run(right, point.slice(0, length), point.slice(length)))],
      }),
      jvp: ([tb, ...tangents], { inputs: [, ...point], outputs: [z] }) => {
        // dA z + A dz = db
        const moved = wanted(point, (i) => tangents[i] !== undefined);
        const [from, to] = [point.slice(0, length), point.slice(length)];
        let right: Derivative = tb;
        if (moved.at.length > 0) {
          const along = moved.at.map((i) => tangents[i] as Tensor);
          const t = neg(
            jvp(
              moved.through((p) => this.#product(z, p, length)),
              moved.leaves,
              along,
            ).tangent,
          );
          right = right === undefined ? t : add(right, t);
        }
        return right && this.solve(right, from, to);
      },
      vjp: ([ct], { inputs: [, ...point], outputs: [z], wanted: [forB, ...forPoint] }) => {
        const [from, to] = [point.slice(0, length), point.slice(length)];
        const back = new LinearSystem(this.#f, this.#settings, !this.#transpose).solve(
          ct as Tensor,
          from,
          to,
        );
        const results: Derivative[] = point.map(() => undefined);
        const moved = wanted(point, (i) => forPoint[i]);
        if (moved.at.length > 0) {
          const { pullback } = vjp(
            moved.through((p) => this.#product(z, p, length)),
            ...moved.leaves,
          );
          pullback(neg(back)).forEach((result: Tensor, k: number) => {
            results[moved.at[k]] = result;
          });
        }
        return [forB ? back : undefined, ...results];
      },
    };
    return applyAll(op, [b, ...theta, ...x], undefined)[0];
  }

  /** A z or Aᵀ z at a point, as a vector. */
  #product(z: Tensor, point: readonly Tensor[], length: number): Tensor {
    const [theta, x] = [point.slice(0, length), point.slice(length)];
    const f = (...xs: Tensor[]) => vectorOf(this.#f(theta, xs));
    if (this.#transpose) return vectorOf(vjp(f, ...x).pullback(z));
    return jvp(f, x, leavesOf(z, x)).tangent;
  }

  /** Solves for values. */
  #run(b: Tensor, theta: readonly Tensor[], x: readonly Tensor[]): Tensor {
    const { method = b.size <= DENSE ? 'dense' : 'gmres', solve } = this.#settings;
    const { tolerance = b.dtype === 'f32' ? 1e-5 : 1e-10 } = this.#settings;
    const transpose = this.#transpose;
    if (solve !== undefined) {
      // A right side is like F's values, and a right side of the transposed system like x.
      const like = transpose ? x : this.#f(theta, x);
      return vectorOf(solve(leavesOf(b, like), transpose, theta, x));
    }
    const at = vectorOf(x);
    const f = (v: Tensor) => vectorOf(this.#f(theta, leavesOf(v, x)));
    if (method === 'dense') {
      const params = { assume: 'general', user: 'implicitRoot' } as const;
      const make = () => {
        const a = jacfwd(f)(at) as Tensor;
        // The factors depend on A alone, so they are computed once if b is a symbol.
        const [, ...factors] = applyAll(solveOp, [a, zeros([b.size], { dtype: b.dtype })], params);
        return [a, ...factors];
      };
      const fixed = [b, ...theta, ...x].every(isKnown);
      const [a, ...factors] = this.#memo !== undefined && fixed ? this.#memo(make) : make();
      return apply(solveWithOp, [a, b, ...factors], { ...params, transpose });
    }
    const iterate = method === 'cg' ? cg : gmres;
    // 'cg' requires a symmetric A.
    if (transpose && method === 'gmres') {
      const { pullback } = vjp(f, at);
      return iterate((v) => pullback(v)[0], b, { tolerance }).x;
    }
    let map: ReturnType<typeof linearMap> | undefined;
    try {
      map = linearMap('implicitRoot', f, [at]);
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
    }
    try {
      const product = (v: Tensor) =>
        map === undefined ? (jvp(f, [at], [v]).tangent as Tensor) : map.run([v], true)[0];
      return iterate(product, b, { tolerance }).x;
    } finally {
      map?.dispose();
    }
  }
}

/** The tensors that a derivative goes to, and functions of all tensors as functions of these. */
function wanted(point: readonly Tensor[], isWanted: (i: number) => boolean) {
  const at = point.flatMap((x, i) => (isWanted(i) && x.dtype !== 'i32' ? [i] : []));
  const through =
    (f: (point: readonly Tensor[]) => Tensor) =>
    (...xs: Tensor[]) => {
      const whole = [...point];
      at.forEach((position, i) => {
        whole[position] = xs[i];
      });
      return f(whole);
    };
  return { at, leaves: at.map((i) => point[i]), through };
}
