// The transform by a product of plane rotations: Û = G_1 … G_N P in place of the eigenvectors U, applied in O(N) for a signal.
import { disposable } from '../core/disposable.js';
import { DisposedError } from '../core/errors.js';
import type { OptionNames } from '../core/options.js';
import { owned } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { apply, toDense } from '../givens/apply.js';
import { FACTORIZE_OPTIONS, type FactorizeOptions } from '../givens/arguments.js';
import type { Factorization } from '../givens/factorization.js';
import { factorize } from '../givens/factorize.js';
import { eigh } from '../linalg/dense/eigh.js';
import { diagonal } from '../ops/diagonal.js';
import type { FourierTransform } from './fourier-transform.js';
import { checkSignal } from './signal.js';

/** Options of the approximate transform: those of `givens.factorize`. */
export type ApproximateOptions = Omit<FactorizeOptions, 'basis'>;

/** Their names. */
export const APPROXIMATE_OPTIONS: OptionNames<ApproximateOptions> = /* @__PURE__ */ withoutBasis();

function withoutBasis(): OptionNames<ApproximateOptions> {
  const { basis: _, ...names } = FACTORIZE_OPTIONS;
  return names;
}

/** The transform of a symmetric matrix [n, n], f64, which stays the caller's. */
export function approximateTransform(laplacian: Tensor, options: ApproximateOptions): FourierTransform {
  const { values, vectors } = eigh(laplacian);
  try {
    const isJacobi = options.method === 'jacobi';
    const factorization = isJacobi
      ? factorize(laplacian, { ...options, basis: vectors })
      : factorize(vectors, options);
    return new ApproximateTransform(laplacian, factorization);
  } finally {
    values.dispose();
    vectors.dispose();
  }
}

class ApproximateTransform implements FourierTransform {
  readonly frequencies: Tensor;
  readonly error: number;
  readonly factorization: Factorization;

  constructor(laplacian: Tensor, factorization: Factorization) {
    this.factorization = factorization;
    this.error = factorization.errors.data().at(-1) as number;
    this.frequencies = frequenciesOf(laplacian, factorization);
    disposable(this);
    const tensors = Object.values(factorization).filter((part) => part instanceof Tensor);
    Object.defineProperty(this, owned, { value: () => [this.frequencies, ...tensors] });
  }

  gft(x: Tensor): Tensor {
    return this.#apply('gft', 'x', x, true);
  }

  igft(y: Tensor): Tensor {
    return this.#apply('igft', 'y', y, false);
  }

  basis(): Tensor {
    return toDense(this.#product('basis'));
  }

  dispose(): void {
    this.frequencies.dispose();
    this.factorization.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #product(name: string): Factorization {
    if (this.frequencies.isDisposed) throw new DisposedError(`${name}: the transform has been disposed`);
    return this.factorization;
  }

  #apply(name: string, argument: string, x: Tensor, transpose: boolean): Tensor {
    const product = this.#product(name);
    return apply(product, checkSignal(name, argument, x, product.d), { transpose });
  }
}

/** diag(Ûᵀ L Û). */
function frequenciesOf(laplacian: Tensor, factorization: Factorization): Tensor {
  const right = apply(factorization, laplacian, { side: 'right' });
  try {
    const both = apply(factorization, right, { transpose: true });
    try {
      return diagonal(both);
    } finally {
      both.dispose();
    }
  } finally {
    right.dispose();
  }
}
