// Functions of functions, that capture a tensor.
import * as cotangent from '#src/index.js';
import {
  add,
  div,
  exp,
  linalg,
  mul,
  nn,
  optim,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import type { Any } from '../public-functions.js';
import { bowl, definite, integers, layers, loss, matrix, parameters, through, vector, x0 } from './makers.js';

/** Functions of functions, that capture v: by name, what comes of it. */
export const capturing: Record<string, (v: Tensor) => unknown> = {
  'linalg.lsmr': (v) =>
    linalg.lsmr(
      { apply: (x: Tensor) => mul(x, v), applyTranspose: (y: Tensor) => mul(y, v) } as Any,
      vector(),
    ).x,
  'linalg.symmetricFunction': (v) => linalg.symmetricFunction(definite(), (x) => exp(mul(x, sum(v)))),
  'nn.layerwise': (v) =>
    through(
      nn.layerwise(
        layers(),
        ({ gradient }: Any) => ({ weight: mul(gradient.weight, sum(v)), bias: gradient.bias }),
        { lastLayer: 'implicit' },
      ),
      (rule) => rule.direction(parameters(), matrix(2, 3), integers(0, 1)).direction,
    ),
  'nn.proxprop, loss': (v) =>
    through(nn.proxprop(layers(), { mode: 'exact' }), (rule) =>
      rule.direction(parameters(), matrix(2, 3), integers(0, 1), (y, l) => mul(loss(y, l), sum(v))),
    ),
  'optim.admm, prox': (v) =>
    optim.admm({ f: { P: definite(), q: vector() }, g: (x: Tensor) => optim.prox.l1(x, v) }, x0()).x,
  'optim.admm, minimiser': (v) =>
    optim.admm({ f: { minimiser: (u: Tensor) => div(add(u, v), 2) }, g: optim.penalty.l1(0.1) }, x0()).x,
  'optim.fixedPoint': (v) => optim.fixedPoint((x: Tensor) => mul(0.3, sin(add(x, v))), vector()).x,
  'optim.kktResiduals, f': (v) => optim.kktResiduals({ f: (x: Tensor) => sum(mul(x, v)) }, { x: vector() }),
  'optim.kktResiduals, inequalities': (v) =>
    optim.kktResiduals(
      { f: bowl, inequalities: (x: Tensor) => sub(x, v) },
      { x: vector(2), lambda: vector() },
    ),
  'optim.kktResiduals, equalities': (v) =>
    optim.kktResiduals({ f: bowl, equalities: (x: Tensor) => sub(x, v) }, { x: vector(2), nu: vector() }),
  'optim.leastSquares': (v) => optim.leastSquares((x: Tensor) => sub(exp(x), v), vector()).x,
  'optim.leastSquares, by hand': (v) =>
    optim.leastSquares({ residuals: (x: Tensor) => sub(x, v), jacobian: () => cotangent.eye(3) }, vector()).x,
  'optim.lineSearch': (v) => optim.lineSearch((x: Tensor) => sum(square(sub(x, v))), x0(), vector()),
  'optim.minimize': (v) => optim.minimize((x: Tensor) => sum(square(sub(x, v))), x0()).x,
  'optim.minimize, not compiled': (v) =>
    optim.minimize((x: Tensor) => sum(square(sub(x, v))), x0(), optim.bfgs(), { compile: false }).x,
  'optim.minimize, by hand': (v) =>
    optim.minimize(
      { value: (x: Tensor) => sum(square(sub(x, v))), gradient: (x: Tensor) => mul(2, sub(x, v)) },
      x0(),
    ).x,
  'optim.minimizeBarrier, f': (v) =>
    optim.minimizeBarrier((x: Tensor) => sum(square(sub(x, v))), x0(), {
      inequalities: (x: Tensor) => sub(x, 0.4),
    }).x,
  'optim.minimizeBarrier, inequalities': (v) =>
    optim.minimizeBarrier(bowl, x0(), { inequalities: (x: Tensor) => sub(x, v) }).x,
  'optim.minimizeEquality': (v) =>
    optim.minimizeEquality((x: Tensor) => sum(square(sub(x, v))), x0(), { A: matrix(1, 3), b: tensor([0.4]) })
      .x,
  'optim.proximalGradient, f': (v) =>
    optim.proximalGradient((x: Tensor) => sum(square(sub(x, v))), optim.penalty.l1(0.1), x0()).x,
  'optim.proximalGradient, prox': (v) =>
    optim.proximalGradient(bowl, (x: Tensor) => optim.prox.l1(x, v), x0()).x,
  'optim.rootFind': (v) => optim.rootFind((x: Tensor) => sub(exp(x), v), vector()).x,
  'optim.stochasticLbfgs': (v) =>
    optim.stochasticLbfgs().update(vector(), (x: Tensor) => mul(x, v), optim.stochasticLbfgs().init(vector()))
      .params,
};
