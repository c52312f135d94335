// Orthonormal columns completed to more of them: unit vectors, orthogonalised twice (Gram and Schmidt; twice is enough).
import { axpy } from '../level1/axpy';
import { dot } from '../level1/dot';
import { nrm2 } from '../level1/norms';

/** x -= Q Qᵀ x for the first k columns of Q (m rows). Strides in elements. */
function project<T>(m: i32, k: i32, q: usize, rsq: i32, csq: i32, x: usize): void {
  for (let j = 0; j < k; j++) {
    const column = q + <usize>(j * csq) * sizeof<T>();
    axpy<T>(m, -dot<T>(m, column, rsq, x, 1), column, rsq, x, 1);
  }
}

/** Columns `have` … `want` - 1 of Q (m rows, want <= m) after `have` orthonormal ones; `x` holds m elements. */
export function completeColumns<T>(m: i32, have: i32, want: i32, q: usize, rsq: i32, csq: i32, x: usize): void {
  const size = sizeof<T>();
  let unit = 0;
  for (let k = have; k < want; k++) {
    // What is left of the unit vectors has squares that sum to m - k: one of them keeps at least this much.
    const enough = <T>0.5 * sqrt<T>(<T>(m - k) / <T>m);
    for (let tries = 0; tries < m; tries++) {
      memory.fill(x, 0, <usize>m * size);
      store<T>(x + <usize>unit * size, 1);
      unit = unit + 1 < m ? unit + 1 : 0;
      project<T>(m, k, q, rsq, csq, x);
      if (nrm2<T>(m, x, 1) >= enough) break;
    }
    project<T>(m, k, q, rsq, csq, x);
    const norm = nrm2<T>(m, x, 1);
    for (let i = 0; i < m; i++) store<T>(q + <usize>(i * rsq + k * csq) * size, load<T>(x + <usize>i * size) / norm);
  }
}
