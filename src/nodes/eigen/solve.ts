// Solves the eigenvalue problems of the node, and says how well.
import { zeros } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { eighOp } from '../../linalg/dense/eigh.js';
import { asRow } from '../../linalg/rules/matrix.js';
import { mul, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { applyInto } from '../../ops/op.js';
import { type Batch, checkEntries } from '../problems/batch.js';
import { relative, type Solved } from '../problems/node-row.js';
import { type ReportOptions, Residuals } from '../problems/report.js';

/** How linear algebra's row is called; errors name the node. */
const EIGEN_PARAMS = { method: 'divideAndConquer', user: 'eigh' } as const;

/** Writes all values and vectors of the symmetric parts. */
export function solveEigen(
  batch: Batch,
  [values, vectors]: readonly Tensor[],
  X: Tensor,
  { onSolve }: ReportOptions,
): Solved {
  checkEntries(batch, 'X', X);
  const residuals = new Residuals();
  residuals.note({ stationarity: 0, orthogonality: 0 });
  const S = symmetricPart(X);
  applyInto(eighOp, [values, vectors], [S], EIGEN_PARAMS);
  if (onSolve !== undefined && values.size > 0) noteResiduals(residuals, S, values, vectors);
  return { iterations: 0, residuals };
}

/** (X + Xᵀ)/2 without overflow; entries that are equal stay as they are. */
function symmetricPart(X: Tensor): Tensor {
  const [count, n] = X.shape;
  const S = zeros(X.shape, { dtype: X.dtype });
  const [from, to] = [X.data(), S.data()];
  for (let start = 0; start < count * n * n; start += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const [below, above] = [start + i * n + j, start + j * n + i];
        const [p, q] = [from[below], from[above]];
        to[below] = to[above] = p === q ? p : p / 2 + q / 2;
      }
    }
  }
  return S;
}

function noteResiduals(residuals: Residuals, S: Tensor, values: Tensor, vectors: Tensor): void {
  const [count, n] = values.shape;
  const scaled = mul(vectors, asRow(values));
  const far = sub(matmul(S, vectors), scaled).data();
  const [products, terms] = [matmul(vectors, vectors, { transposeA: true }).data(), scaled.data()];
  for (let i = 0; i < count; i++) {
    const at = (x: typeof far) => x.slice(i * n * n, (i + 1) * n * n);
    const off = at(products);
    for (let j = 0; j < n; j++) off[j * (n + 1)] -= 1;
    residuals.note({
      stationarity: relative(maxAbs(at(far)), maxAbs(at(terms))),
      orthogonality: maxAbs(off),
    });
  }
}
