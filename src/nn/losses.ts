// Losses: softmax cross-entropy, mean squared error, Kullback-Leibler divergence.
import type { Tensor } from '../core/tensor.js';
import { neg, sub } from '../ops/arithmetic.js';
import { apply } from '../ops/op.js';
import { square } from '../ops/roots.js';
import { logSoftmax } from '../ops/softmax.js';
import { mean } from '../ops/statistics.js';
import { pickOp } from './pick.js';

/**
 * The mean over the batch of -log softmax(logits)[label].
 * @param logits [n, classes], f64 or f32. @param labels [n], i32, from 0 to classes - 1.
 * @throws ArgumentError for a label out of range, ShapeError, DTypeError.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return neg(mean(apply(pickOp, [logSoftmax(logits, { axis: -1 }), labels], undefined)));
}

/** The mean of (prediction - target)² over all elements. */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  return mean(square(sub(prediction, target)));
}
