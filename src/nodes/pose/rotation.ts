// Rotation vectors and matrices, differentiable at every angle up to π, 0 included, and to any order.
import { eye, tensor } from '../../core/create.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { solve } from '../../linalg/dense/solve.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { expandDims, reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import { type Batch, batchOf, checkEntries, problemText, withBatchAxes } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { Residuals } from '../problems/report.js';
import { nearestRotation } from './nearest-rotation.js';
import { quaternionOfMatrix, vectorOf } from './quaternion.js';
import { stumpff } from './stumpff.js';

/** The matrix of v -> a × v is Σ_i a_i of these three, by rows. */
const CROSS = [
  [0, 0, 0, 0, 0, -1, 0, 1, 0],
  [0, 0, 1, 0, 0, 0, -1, 0, 0],
  [0, -1, 0, 1, 0, 0, 0, 0, 0],
];

/** The matrices [a]× of vectors a [count, 3]. */
export function crossMatrix(a: Tensor): Tensor {
  return reshape(matmul(a, tensor(CROSS, { dtype: a.dtype })), [a.shape[0], 3, 3]);
}

/** The vector a of M - Mᵀ = [a]×, of matrices [count, 3, 3]. */
export function skewVector(M: Tensor): Tensor {
  const flat = reshape(M, [M.shape[0], 9]);
  return matmul(flat, tensor(CROSS, { dtype: M.dtype }), { transposeB: true });
}

/** [count] -> [count, 1, 1]. */
const spread = (x: Tensor): Tensor => expandDims(x, [1, 2]);

/** exp [a]× of vectors [count, 3]. */
export function matrixOf(a: Tensor): Tensor {
  const z = sum(square(a), { axis: 1 });
  const outer = mul(expandDims(a, 2), expandDims(a, 1));
  const diagonal = mul(spread(stumpff(0, z)), eye(3, 3, { dtype: a.dtype }));
  const skew = mul(spread(stumpff(1, z)), crossMatrix(a));
  return add(add(diagonal, skew), mul(spread(stumpff(2, z)), outer));
}

/**
 * J with exp [a + da]× = exp [J da]× exp [a]× to first order: I + c₂ [a]× + c₃ [a]×². Its transpose is that of motions
 * on the right.
 */
export function leftJacobian(a: Tensor): Tensor {
  const z = sum(square(a), { axis: 1 });
  const outer = mul(expandDims(a, 2), expandDims(a, 1));
  const diagonal = mul(spread(stumpff(1, z)), eye(3, 3, { dtype: a.dtype }));
  const skew = mul(spread(stumpff(2, z)), crossMatrix(a));
  return add(add(diagonal, skew), mul(spread(stumpff(3, z)), outer));
}

/**
 * The rotation matrices of rotation vectors: exp [v]×, by the angle |v| about v/|v|.
 * @param v [..., 3], f64 or f32.
 * @returns [..., 3, 3], NaN where a vector has NaN or an infinity. Derivatives of any order, also at v = 0.
 * @throws ShapeError, DTypeError.
 * Source: Rodrigues' formula, with Stumpff's functions of |v|² for sin(a)/a and (1 - cos a)/a².
 * @example
 * nodes.rotationMatrix(tensor([0, 0, Math.PI / 2])); // [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
 */
export function rotationMatrix(v: Tensor): Tensor {
  return scope(() => {
    const batch = batchOf('rotationMatrix', { v: [v, 3] });
    return withBatchAxes(matrixOf(batch.parts.v), batch);
  });
}

/**
 * The rotation vectors of rotation matrices: the angle, from 0 to π, times the axis; rotationMatrix gives the matrix
 * back. By atan2 of the skew part: right to rounding for tiny angles and near π, where the sign of the axis jumps.
 * @param R [..., 3, 3], f64 or f32, orthogonal with determinant 1 to 1e-2; the nearest rotation counts.
 * @returns [..., 3]. Derivatives of any order, those of the nearest rotation.
 * @throws ArgumentError for other matrices, NaN and infinities; ShapeError, DTypeError.
 * Source: Shepperd, "Quaternion from rotation matrix", 1978; the derivative is that of the polar factor.
 * @example
 * nodes.rotationVector(tensor([[0, -1, 0], [1, 0, 0], [0, 0, 1]])); // [0, 0, 1.5707963267948966]
 */
export function rotationVector(R: Tensor): Tensor {
  return scope(() => {
    const batch = batchOf('rotationVector', { R: [R, 3, 3] });
    const [v] = callNode({
      batch,
      outputs: [{ shape: [batch.count, 3], dtype: batch.dtype }],
      run([out], [matrices]) {
        writeVectors(batch, matrices, out);
        return { iterations: 0, residuals: new Residuals() };
      },
      jvp: ([dR], point) => dR && vectorTangent(dR, point),
      vjp: ([ct], point) => [matrixCotangent(ct as Tensor, point)],
      options: {},
    });
    return v;
  });
}

function writeVectors(batch: Batch, matrices: Tensor, out: Tensor): void {
  checkEntries(batch, 'R', matrices);
  const data = matrices.data();
  for (let i = 0; i < batch.count; i++) {
    const R = nearestRotation(data.subarray(9 * i, 9 * i + 9));
    if (R === undefined)
      throw new ArgumentError(
        `rotationVector: R must be orthogonal with determinant 1${problemText(batch, i)}`,
      );
    out.data().set(vectorOf(quaternionOfMatrix(R)), 3 * i);
  }
}

/**
 * R = Q P, Q = exp [v]×, P symmetric: the skew part of Qᵀ dR is that of [ω]× P, (tr(P) I - P) ω as a vector, and ω is
 * Jᵀ dv. These two matrices.
 */
function polar([R]: readonly Tensor[], [v]: readonly Tensor[]): { Q: Tensor; J: Tensor; S: Tensor } {
  const Q = matrixOf(v);
  const P = matmul(Q, R, { transposeA: true });
  const I = eye(3, 3, { dtype: v.dtype });
  const trace = sum(mul(P, I), { axis: [1, 2] });
  return { Q, J: leftJacobian(v), S: sub(mul(spread(trace), I), P) };
}

const transposed = (x: Tensor): Tensor => matmul(x, eye(3, 3, { dtype: x.dtype }), { transposeA: true });

function vectorTangent(dR: Tensor, { inputs, outputs }: Linearization<undefined>): Derivative {
  const { Q, J, S } = polar(inputs, outputs);
  const skew = skewVector(matmul(Q, dR, { transposeA: true }));
  const dv = solve(transposed(J), solve(S, expandDims(skew, 2)));
  return reshape(dv, [dR.shape[0], 3]);
}

function matrixCotangent(ct: Tensor, { inputs, outputs }: Linearization<undefined>): Derivative {
  const { Q, J, S } = polar(inputs, outputs);
  const w = solve(S, solve(J, expandDims(ct, 2)));
  return matmul(Q, crossMatrix(reshape(w, [ct.shape[0], 3])));
}
