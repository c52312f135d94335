// Initial weights with variance a / fan-in or 2 / (fan-in + fan-out), so that activations keep their size from layer to
// layer.

import { checkFlag } from '../../core/check.js';
import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import type { OptionNames } from '../../core/options.js';
import type { Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';

/** The number of terms in the sums that a weight enters. */
export interface Fans {
  /** Inputs per output, and outputs per input, including the positions of the kernel. */
  in: number;
  out: number;
}

/** Draws a tensor of this shape and dtype. */
export type InitialiseFunction = (
  generator: Generator,
  shape: Shape,
  fanIn: number,
  fanOut: number,
  dtype: 'f64' | 'f32',
) => Tensor;

const uniform =
  (bound: (fanIn: number, fanOut: number) => number): InitialiseFunction =>
  (generator, shape, fanIn, fanOut, dtype) => {
    const high = bound(fanIn, fanOut);
    return generator.uniform(shape, { low: -high, high, dtype });
  };

const normal =
  (std: (fanIn: number, fanOut: number) => number): InitialiseFunction =>
  (generator, shape, fanIn, fanOut, dtype) =>
    generator.normal(shape, { std: std(fanIn, fanOut), dtype });

const RULES = {
  /** Uniform on ±1/√fan-in: PyTorch's default. */
  uniform: /* @__PURE__ */ uniform((fanIn) => 1 / Math.sqrt(fanIn)),
  /**
   * Normal, variance 2 / fan-in (He, Zhang, Ren, Sun: Delving Deep into Rectifiers, ICCV 2015): for relu and similar
   * functions.
   */
  he: /* @__PURE__ */ normal((fanIn) => Math.sqrt(2 / fanIn)),
  /** The same variance, uniform on ±√(6 / fan-in). */
  heUniform: /* @__PURE__ */ uniform((fanIn) => Math.sqrt(6 / fanIn)),
  /** Uniform on ±√(6 / (fan-in + fan-out)) (Glorot, Bengio, AISTATS 2010): for tanh and similar functions. */
  glorot: /* @__PURE__ */ uniform((fanIn, fanOut) => Math.sqrt(6 / (fanIn + fanOut))),
  /** The same variance, 2 / (fan-in + fan-out), normal. */
  glorotNormal: /* @__PURE__ */ normal((fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut))),
  zeros: (_: Generator, shape: Shape, __: number, ___: number, dtype: 'f64' | 'f32') =>
    zeros(shape, { dtype }),
} as const;

/** Names of rules for initial weights. */
export type InitialiseRule = keyof typeof RULES;

/** A rule by its name, or a function. */
export type Initialise = InitialiseRule | InitialiseFunction;

/** Options of layers with a weight and a bias. */
export interface InitialiseOptions {
  /** For the weight; default 'uniform', within ±1/√fan-in, as in PyTorch. */
  init?: Initialise;
  /** For the bias; default 'uniform' if the weight is uniform, else 'zeros'. */
  biasInit?: Initialise;
  /** Whether there is a bias; default true. */
  bias?: boolean;
}

export const INITIALISE_OPTIONS: OptionNames<InitialiseOptions> = { init: true, biasInit: true, bias: true };

function ruleOf(name: string, argument: string, rule: Initialise): InitialiseFunction {
  if (typeof rule === 'function') return rule;
  if (typeof rule === 'string' && Object.hasOwn(RULES, rule)) return RULES[rule];
  throw new ArgumentError(
    `${name}: ${argument} must be a function or one of ${Object.keys(RULES).join(', ')}, got ${describe(rule)}`,
  );
}

/**
 * The function that draws { weight, bias } for a layer called `name`.
 * @throws ArgumentError for invalid options; when drawing, ShapeError and DTypeError for an invalid result of a
 * function.
 */
export function initialiser(
  name: string,
  options: InitialiseOptions,
): (
  generator: Generator,
  shape: Shape,
  fans: Fans,
  dtype?: 'f64' | 'f32',
) => { weight: Tensor; bias?: Tensor } {
  const { init = 'uniform', bias = true } = options;
  const { biasInit = init === 'uniform' ? 'uniform' : 'zeros' } = options;
  checkFlag(name, 'bias', bias);
  const rules = { init: ruleOf(name, 'init', init), biasInit: ruleOf(name, 'biasInit', biasInit) };
  return (generator, weightShape, fans, dtype = 'f32') => {
    const draw = (argument: 'init' | 'biasInit', shape: Shape): Tensor => {
      const drawn: unknown = rules[argument](generator, shape, Math.max(1, fans.in), fans.out, dtype);
      if (!(drawn instanceof Tensor))
        throw new ArgumentError(`${name}: ${argument} must give a tensor, got ${describe(drawn)}`);
      if (!sameShape(drawn.shape, shape))
        throw new ShapeError(`${name}: ${argument} must give ${show(shape)}, got ${show(drawn.shape)}`);
      if (drawn.dtype !== dtype)
        throw new DTypeError(`${name}: ${argument} must give ${dtype}, got ${drawn.dtype}`);
      return drawn;
    };
    return scope(() => {
      const weight = draw('init', weightShape);
      return bias ? { weight, bias: draw('biasInit', [weightShape[0]]) } : { weight };
    });
  };
}
