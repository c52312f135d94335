// Losses: softmax cross-entropy, binary cross-entropy, mean squared error, Kullback-Leibler divergences.
import { checkFlag } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { softplus } from '../../ops/activations.js';
import { add, div, mul, mulAlong, neg, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { greater, notEqual } from '../../ops/compare.js';
import { exp, expRestOp, log } from '../../ops/exponential.js';
import { expandDims, reshape } from '../../ops/layout.js';
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

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** A label, such as -100 or -1, whose examples do not count; default: none. PyTorch's ignore_index. */
  ignoreLabel?: number;
}

const CROSS_ENTROPY_OPTIONS: OptionNames<CrossEntropyOptions> = { ignoreLabel: true };

/**
 * The mean over all labels of -log softmax(logits)[label].
 * @param logits [n, …, classes], f64 or f32: the classes are the last axis. @param labels [n, …], i32, from 0 to
 * classes - 1.
 * @param options `ignoreLabel`: examples with this label are left out of the mean, and their logits, whatever they are,
 * get derivatives of 0. Where no other example is left, the mean is 0 / 0: NaN, with derivatives of 0, as in PyTorch.
 * @throws ArgumentError for a label out of range, ShapeError, DTypeError.
 * @example
 * nn.crossEntropy(tensor([[2, 1], [0, 3]]), tensor([0, 1], { dtype: 'i32' })); // 0.1809245195459824
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const name = 'crossEntropy';
  checkOptions(name, options, CROSS_ENTROPY_OPTIONS);
  const { ignoreLabel } = options;
  checkTensor(name, 'logits', logits);
  checkTensor(name, 'labels', labels);
  if (logits.dtype === 'i32')
    throw new DTypeError(`${name}: logits must be f64 or f32, got i32 (convert with astype)`);
  if (labels.dtype !== 'i32') throw new DTypeError(`${name}: labels must be i32, got ${labels.dtype}`);
  if (logits.ndim === 0 || !sameShape(logits.shape.slice(0, -1), labels.shape))
    throw new ShapeError(
      `${name}: logits must be [n, …, classes] and labels [n, …], got ${show(logits.shape)} and ${show(labels.shape)}`,
    );
  if (ignoreLabel !== undefined && (typeof ignoreLabel !== 'number' || (ignoreLabel | 0) !== ignoreLabel))
    throw new ArgumentError(
      `${name}: ignoreLabel must be an integer from -2^31 to 2^31 - 1, got ${describe(ignoreLabel)}`,
    );
  return scope(() => {
    const rows = labels.ndim === 1 ? logits : reshape(logits, [labels.size, logits.shape.at(-1) as number]);
    const all = labels.ndim === 1 ? labels : reshape(labels, [labels.size]);
    if (ignoreLabel === undefined) return neg(mean(logLikelihoods(rows, all)));
    const kept = notEqual(all, ignoreLabel);
    const chosen = logLikelihoods(where(expandDims(kept, 1), rows, 0), where(kept, all, 0));
    return neg(div(sum(where(kept, chosen, 0)), astype(sum(kept), rows.dtype)));
  });
}

/** log softmax(logits)[label] of every row. */
function logLikelihoods(logits: Tensor, labels: Tensor): Tensor {
  return apply(pickOp, [logSoftmax(logits, { axis: -1 }), labels], undefined);
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
