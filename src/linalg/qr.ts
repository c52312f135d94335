// A = Q R: the QR factorization by Householder reflectors.
import { ArgumentError } from '../core/errors.js';
import { withWorkspace } from '../core/runtime.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { lapack } from '../generated/lapack.js';
import { checkStack, copyOf } from './stack.js';

/** Options of `qr`. */
export interface QrOptions {
  /** 'reduced' (default): q has min(m, n) columns; 'complete': q is square. */
  mode?: 'reduced' | 'complete';
  /** Bring the largest remaining column to the front (Businger and Golub), so that the diagonal of r falls; default false. */
  pivot?: boolean;
}

/** What `qr` gives; with `pivot`, p is the order of the columns: the columns p of a are q r. */
export interface QrResult {
  q: Tensor;
  r: Tensor;
}

/**
 * The QR factorization A = Q R, or with `pivot` take(a, p, -1) = q r, by Householder reflectors in the compact WY form (Schreiber and Van Loan, 1989).
 * The diagonal of r is not negative, which makes the factorization of a matrix of full column rank unique.
 * @param a [..., m, n], f64 or f32.
 * @param options `mode`; `pivot` also gives p, i32 [..., n].
 * @returns q [..., m, k] with orthonormal columns and r [..., k, n] upper triangular; k = min(m, n), or m for 'complete'.
 * @throws ShapeError, DTypeError, ArgumentError for another mode.
 * Source: LAPACK's geqrf and orgqr, geqp3 with `pivot`.
 * @example
 * linalg.qr(tensor([[0, -2], [1, 0]])); // q = [[0, -1], [1, 0]], r = [[1, 0], [0, 2]]
 */
export function qr(a: Tensor, options: QrOptions & { pivot: true }): QrResult & { p: Tensor };
export function qr(a: Tensor, options?: QrOptions): QrResult;
export function qr(a: Tensor, options: QrOptions = {}): QrResult & { p?: Tensor } {
  const { mode = 'reduced', pivot = false } = options;
  if (mode !== 'reduced' && mode !== 'complete') {
    throw new ArgumentError(`qr: mode must be 'reduced' or 'complete', got ${String(mode)}`);
  }
  const { exports } = lapack;
  const { dtype, batch, count, rows: m, columns: n } = checkStack('qr', 'a', a);
  const reflectors = Math.min(m, n);
  const k = mode === 'complete' ? m : reflectors;
  const packed = copyOf(a, 'qr');
  const made: Tensor[] = [packed];
  const make = (tail: number[], type: Tensor['dtype'] = dtype) => {
    const result = allocate(Object.freeze([...batch, ...tail]), type, 'qr');
    made.push(result);
    return result;
  };
  try {
    const [q, r] = [make([m, k]), make([k, n])];
    const p = pivot ? make([n], 'i32') : undefined;
    const tauBytes = Math.ceil((count * reflectors * 8) / 64) * 64;
    const bytes = Math.max(
      exports[`qr_${dtype}_work`](Math.max(m, 1), Math.max(n, k, 1)),
      pivot ? exports[`geqp3_${dtype}_work`](m, n) : 0,
    );
    withWorkspace(bytes + tauBytes, 'qr', (taus) => {
      const work = taus + tauBytes;
      if (p) exports[`geqp3_${dtype}`](count, m, n, packed.address, n, m * n, p.address, taus, work);
      else exports[`geqrf_${dtype}`](count, m, n, packed.address, n, m * n, taus, work);
      exports[`orgqr_${dtype}`](
        count,
        m,
        k,
        reflectors,
        packed.address,
        n,
        m * n,
        taus,
        q.address,
        k,
        m * k,
        work,
      );
      r.data().fill(0);
      const triangle = exports[`triangle_${dtype}`];
      triangle(count, 0, 0, reflectors, n, packed.address, n, m * n, r.address, n, k * n);
      exports[`positive_diagonal_${dtype}`](count, m, n, k, q.address, r.address, work);
    });
    packed.dispose();
    return p ? { q, r, p } : { q, r };
  } catch (error) {
    for (const t of made) t.dispose();
    throw error;
  }
}
