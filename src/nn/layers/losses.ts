// Losses: softmax cross-entropy, binary cross-entropy, mean squared error, Kullback-Leibler divergences.
import { checkFlag } from '../../core/check.js';
import { ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { softplus } from '../../ops/activations.js';
import { add, div, mul, mulAlong, neg, sub } from '../../ops/arithmetic.js';
import { greater } from '../../ops/compare.js';
import { exp, expRestOp, log } from '../../ops/exponential.js';
import { apply, checkTensor } from '../../ops/op.js';
import { pickOp } from '../../ops/pick.js';
import { square } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { logSoftmax } from '../../ops/softmax.js';
import { mean } from '../../ops/statistics.js';
import { sum } from '../../ops/sum.js';

/** Throws unless both are tensors of the same shape, with axes to sum over. */
function checkPair(name: string, names: readonly [string, string], a: Tensor, b: Tensor): void {
  checkTensor(name, names[0], a);
  checkTensor(name, names[1], b);
  if (!sameShape(a.shape, b.shape) || a.ndim === 0)
    throw new ShapeError(
      `${name}: ${names[0]} and ${names[1]} must be of one shape [n, …], got ${show(a.shape)} and ${show(b.shape)}`,
    );
}

/** The sum over all elements, divided by the extent of the batch. */
function perExample(x: Tensor): Tensor {
  return div(sum(x), x.shape[0]);
}

/**
 * The mean over the batch of -log softmax(logits)[label].
 * @param logits [n, classes], f64 or f32. @param labels [n], i32, from 0 to classes - 1.
 * @throws ArgumentError for a label out of range, ShapeError, DTypeError.
 * @example
 * nn.crossEntropy(tensor([[2, 1], [0, 3]]), tensor([0, 1], { dtype: 'i32' })); // 0.1809245195459824
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  checkTensor('crossEntropy', 'logits', logits);
  checkTensor('crossEntropy', 'labels', labels);
  return scope(() => neg(mean(apply(pickOp, [logSoftmax(logits, { axis: -1 }), labels], undefined))));
}

/**
 * The mean over the batch of -Σ [t log s + (1 - t) log(1 - s)], s = sigmoid(logits), summed over all axes after the
 * batch; without overflow, and accurate if s is close to 0 or 1.
 * @param logits [n, …], f64 or f32. @param targets from 0 to 1, of the same shape and dtype.
 * @throws ShapeError, DTypeError.
 * @example
 * nn.binaryCrossEntropy(tensor([[0, 0]]), tensor([[0, 1]])); // 1.3862943611198906
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkPair('binaryCrossEntropy', ['logits', 'targets'], logits, targets);
  return scope(() =>
    // What a target of 0 or 1 rules out is not counted, even if it is infinite.
    perExample(add(mulAlong(targets, softplus(neg(logits))), mulAlong(sub(1, targets), softplus(logits)))),
  );
}

/**
 * The mean of (prediction - target)² over all elements.
 * @throws DTypeError for two dtypes, ShapeError for shapes that do not broadcast.
 * @example
 * nn.mse(tensor([1, 2]), tensor([1, 4])); // 2
 */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  checkTensor('mse', 'prediction', prediction);
  checkTensor('mse', 'target', target);
  return scope(() => mean(square(sub(prediction, target))));
}

/** Options of `kl`. */
export interface KlOptions {
  /** Whether p and q are logarithms of probabilities, as `logSoftmax` returns; default false. */
  log?: boolean;
}

const KL_OPTIONS: OptionNames<KlOptions> = { log: true };

/**
 * The Kullback-Leibler divergence KL(p ‖ q) = Σ p log(p / q), summed over all axes after the batch, as the mean over
 * the batch.
 * 0 log 0 is 0; the result is infinite where q is 0 and p is not. (PyTorch's `kl_div` with reduction 'batchmean' is
 * kl(target, exp(input)).)
 * @param p [n, …], probabilities or, with `log`, their logarithms. @param q the same.
 * @throws ShapeError, DTypeError.
 * @example
 * nn.kl(tensor([[0.5, 0.5]]), tensor([[0.25, 0.75]])); // 0.14384103622589042
 */
export function kl(p: Tensor, q: Tensor, options: KlOptions = {}): Tensor {
  checkOptions('kl', options, KL_OPTIONS);
  const { log: logarithms = false } = options;
  checkFlag('kl', 'log', logarithms);
  checkPair('kl', ['p', 'q'], p, q);
  return scope(() => {
    if (logarithms) {
      const weight = exp(p);
      return perExample(where(greater(weight, 0), mul(weight, sub(p, q)), 0));
    }
    const positive = greater(p, 0);
    // Also guard the argument: a derivative must not reach log 0.
    const [safeP, safeQ] = [where(positive, p, 1), where(positive, q, 1)];
    return perExample(where(positive, mul(p, sub(log(safeP), log(safeQ))), 0));
  });
}

/**
 * KL(N(mean, e^logVariance) ‖ N(0, 1)) = ½ Σ (mean² + e^logVariance - 1 - logVariance), summed over all axes after the
 * batch, as the mean over the batch: the term that keeps the codes of a variational autoencoder close to the standard
 * normal distribution (Kingma, Welling: Auto-Encoding Variational Bayes, ICLR 2014, appendix B).
 * @param mean [n, …], f64 or f32. @param logVariance of the same shape and dtype.
 * @throws ShapeError, DTypeError.
 * @example
 * nn.gaussianKl(tensor([[1, 0]]), tensor([[0, 0]])); // 0.5
 */
export function gaussianKl(mean: Tensor, logVariance: Tensor): Tensor {
  checkPair('gaussianKl', ['mean', 'logVariance'], mean, logVariance);
  return scope(() => mul(0.5, perExample(add(square(mean), apply(expRestOp, [logVariance], undefined)))));
}
