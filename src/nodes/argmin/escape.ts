// A way down from a stationary point that is no minimum: along negative curvature of the Lagrangian on the constraints.
// Source: Nocedal & Wright, Numerical Optimization, sections 3.4 and 16.3.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { eigh } from '../../linalg/dense/eigh.js';
import { SymmetricSystem } from '../../optim/convex/symmetric-system.js';
import type { Model } from './step.js';

/** Curvature that counts as negative, relative to the Hessian's entries. */
const NEGATIVE = { f64: -1e-6, f32: -1e-3 } as const;
/** Weight of the constraints that a way down must keep, relative to the Hessian. */
const WEIGHT = 1e4;

/** A direction of unit length and its curvature; undefined at a minimum. */
export function wayDown(
  { n, p, q, H, G, g, A, lambda }: Model,
  dtype: 'f64' | 'f32',
): { d: Float64Array; curvature: number } | undefined {
  return scope<{ found: { d: Float64Array; curvature: number } | undefined }>(() => {
    const size = maxAbs(H);
    const none = { found: undefined };
    if (!(size > 0)) return none;
    const M = H.slice();
    const B = new Float64Array(n * n);
    const keep = (R: Float64Array, row: number) => {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[i * n + j] += R[row * n + i] * R[row * n + j];
    };
    for (let i = 0; i < p; i++) if (lambda[i] > 0 || g[i] >= 0) keep(G, i);
    for (let i = 0; i < q; i++) keep(A, i);
    const most = maxAbs(B);
    if (most > 0) for (let i = 0; i < B.length; i++) M[i] += (WEIGHT * size * B[i]) / most;
    const system = new SymmetricSystem(n, 'f64', 'argmin');
    system.matrix.data().set(M);
    if (system.factor(n) && system.inertia().positive === n) return none;
    const { values, vectors } = eigh(tensor(M, { shape: [n, n] }));
    const curvature = view(values)[0];
    if (!(curvature < NEGATIVE[dtype] * size)) return none;
    const v = view(vectors);
    return { found: { d: Float64Array.from({ length: n }, (_, i) => v[i * n]), curvature } };
  }).found;
}
