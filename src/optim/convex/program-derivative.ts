// Derivatives of the solution of min 1/2 xᵀPx + qᵀx, Gx <= h, Ax = b in P, q, G, h, A, b. With D = diag(active):
// [P GᵀD Aᵀ; DG I-D 0; A 0 0] (dx, dλ, dν) = (-(dP x + dq + dGᵀλ + dAᵀν), D (dh - dG x), db - dA x).
// Source: Amos and Kolter, OptNet, ICML (2017); Barratt, On the differentiability of the solution to convex
// optimization problems (2018).
import { zeros } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { asColumn, asRow, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { equal } from '../../ops/compare.js';
import { concat } from '../../ops/concat.js';
import { diag } from '../../ops/diagonal.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative } from '../../ops/op.js';
import { orZeros } from '../../ops/rules.js';
import { where } from '../../ops/select.js';
import { narrow } from '../../ops/slice.js';
import { kktSolveOp } from './kkt-solve.js';
import type { QuadraticProgram } from './program.js';

/** Parts of a program, or their derivatives. */
export type Parts<T> = { [K in keyof QuadraticProgram]?: T };

/** A solution as the rules see it. */
export interface SolvedProgram {
  user: string;
  parts: Parts<Tensor>;
  x: Tensor;
  lambda: Tensor;
  nu: Tensor;
  /** i32 [m]: 1 for an inequality that holds with equality and has a multiplier. */
  active: Tensor;
  /** i32 []: 1 for a solution; otherwise derivatives are NaN. */
  solved: Tensor;
}

/** (dx, dλ, dν) for the right side, parts of which may be zero. */
function move({ user, parts, x, lambda, nu, active, solved }: SolvedProgram, right: readonly Derivative[]) {
  const { P, G, A } = parts;
  const { dtype } = x;
  const sizes = [x.size, lambda.size, nu.size];
  const [n, m, p] = sizes;
  const none = (rows: number, columns: number) => zeros([rows, columns], { dtype });
  const D = astype(active, dtype);
  const DG = G === undefined ? none(m, n) : mul(asColumn(D), G);
  const [AA, H] = [A ?? none(p, n), P === undefined ? none(n, n) : symmetrized(P)];
  const off = diag(sub(1, D));
  const K = concat(
    [
      concat([H, transposed(DG), transposed(AA)], 1),
      concat([DG, off, none(m, p)], 1),
      concat([AA, none(p, m), none(p, p)], 1),
    ],
    0,
  );
  const r = concat([orZeros(right[0], x), orZeros(right[1], lambda), orZeros(right[2], nu)], 0);
  const marked = mul(r, where(equal(solved, 1), astype(solved, dtype), Number.NaN));
  const z = apply(kktSolveOp, [K, marked], { user });
  return { dx: narrow(z, 0, 0, n), dlambda: narrow(z, 0, n, m), dnu: narrow(z, 0, n + m, p), D };
}

/** Tangents of x, λ and ν. */
export function tangentsOfProgram(at: SolvedProgram, t: Parts<Derivative>): [Tensor, Tensor, Tensor] {
  const { x, lambda, nu } = at;
  const left = { transposeA: true };
  let force: Derivative = t.P && matmul(symmetrized(t.P), x);
  force = plus(force, t.q);
  force = plus(force, t.G && matmul(t.G, lambda, left));
  force = plus(force, t.A && matmul(t.A, nu, left));
  const shift = plus(t.h, t.G && neg(matmul(t.G, x)));
  const D = astype(at.active, x.dtype);
  const { dx, dlambda, dnu } = move(at, [
    force && neg(force),
    shift && mul(D, shift),
    plus(t.b, t.A && neg(matmul(t.A, x))),
  ]);
  return [dx, dlambda, dnu];
}

/** Cotangents of the wanted parts; the matrix is symmetric, so the same system is solved. */
export function cotangentsOfProgram(
  at: SolvedProgram,
  cotangents: readonly Derivative[],
  wanted: readonly (keyof QuadraticProgram)[],
): Derivative[] {
  const { x, lambda, nu } = at;
  const { dx, dlambda, dnu, D } = move(at, cotangents);
  const outer = (u: Tensor, v: Tensor) => mul(asColumn(u), asRow(v));
  const force = neg(dx);
  const shift = mul(D, dlambda);
  const rules: Record<keyof QuadraticProgram, () => Tensor> = {
    P: () => symmetrized(outer(force, x)),
    q: () => force,
    G: () => sub(outer(lambda, force), outer(shift, x)),
    h: () => shift,
    A: () => sub(outer(nu, force), outer(dnu, x)),
    b: () => dnu,
  };
  return wanted.map((key) => rules[key]());
}
