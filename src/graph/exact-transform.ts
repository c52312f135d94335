// L = U diag(λ) Uᵀ: the Fourier transform on a network is Uᵀ x, its inverse U y.
import { disposable } from '../core/disposable.js';
import { DisposedError } from '../core/errors.js';
import { owned } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { eigh } from '../linalg/dense/eigh.js';
import { cloneTensor } from '../linalg/stack.js';
import { astype } from '../ops/cast.js';
import { matmul } from '../ops/matmul.js';
import type { FourierTransform } from './fourier-transform.js';
import { checkSignal } from './signal.js';

/** The transform by all eigenvectors of a symmetric matrix [n, n], f64. */
export class ExactTransform implements FourierTransform {
  readonly frequencies: Tensor;
  readonly error = 0;
  readonly #basis: Tensor;

  constructor(laplacian: Tensor) {
    const { values, vectors } = eigh(laplacian);
    this.frequencies = values;
    this.#basis = vectors;
    disposable(this);
    // Not as a method: a name that is computed when the class is made counts as an effect, which bundlers keep.
    Object.defineProperty(this, owned, { value: () => [values, vectors] });
  }

  gft(x: Tensor): Tensor {
    return this.#multiply('gft', 'x', x, true);
  }

  igft(y: Tensor): Tensor {
    return this.#multiply('igft', 'y', y, false);
  }

  basis(): Tensor {
    return cloneTensor(this.#basisFor('basis'), 'basis');
  }

  dispose(): void {
    this.frequencies.dispose();
    this.#basis.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #basisFor(name: string): Tensor {
    if (this.#basis.isDisposed) throw new DisposedError(`${name}: the transform has been disposed`);
    return this.#basis;
  }

  #multiply(name: string, argument: string, x: Tensor, transposeA: boolean): Tensor {
    const basis = this.#basisFor(name);
    const signal = checkSignal(name, argument, x, basis.shape[0]);
    if (signal.dtype === 'f64') return matmul(basis, signal, { transposeA });
    // In f64, as the basis is; only the result is rounded.
    const wide = astype(signal, 'f64');
    try {
      const product = matmul(basis, wide, { transposeA });
      try {
        return astype(product, 'f32');
      } finally {
        product.dispose();
      }
    } finally {
      wide.dispose();
    }
  }
}
