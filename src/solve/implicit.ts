// Implicit differentiation: x(p) with F(p, x) = 0 has dx = -(∂F/∂x)⁻¹ ∂F/∂p dp (dissertation, equation (55)).
import { jvp } from '../autodiff/jvp.js';
import { vjp } from '../autodiff/vjp.js';
import { type Closure, closureOf } from '../compiler/closure.js';
import type { Tensor } from '../core/tensor.js';
import { neg } from '../ops/arithmetic.js';
import { isTransforming } from '../ops/level.js';
import { applyAll, type Derivative, type Op } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import { isKnown, UnknownValueError } from '../ops/tracer.js';
import { type LinearSettings, LinearSystem, leavesOf, type Residual, vectorOf } from './linear-system.js';

/** The list with some of its tensors replaced. */
export function replaced(list: readonly Tensor[], at: readonly number[], by: readonly Tensor[]): Tensor[] {
  const all = [...list];
  at.forEach((position, i) => {
    all[position] = by[i];
  });
  return all;
}

/** F as a graph; undefined if it reads values. */
function closed(
  name: string,
  F: Residual,
  params: readonly Tensor[],
  x: readonly Tensor[],
): Closure | undefined {
  try {
    const f = (...xs: Tensor[]) => F(xs.slice(0, params.length), xs.slice(params.length));
    return closureOf(name, f, [...params, ...x]);
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/**
 * x as a function of the parameters and of F's captured tensors, if a transformation traces them: the same values, as a
 * row with the derivatives of the root of F at x.
 */
export function withDerivatives(
  name: string,
  F: Residual,
  params: readonly Tensor[],
  x: readonly Tensor[],
  settings: LinearSettings,
): readonly Tensor[] {
  if (!isTransforming()) return x;
  const closure = closed(name, F, params, x);
  try {
    const given = params.length;
    const theta = [...params, ...(closure?.captures ?? [])];
    if (theta.every(isKnown)) return x;
    const f: Residual =
      closure === undefined
        ? F
        : (p, y) => closure.graph.evaluate([...p.slice(0, given), ...y, ...p.slice(given)]);
    const op = rootOp(name, f, theta.length, { ...settings, bodies: closure && [closure.graph] });
    return applyAll(op, [...theta, ...x], undefined);
  } finally {
    closure?.graph.dispose();
  }
}

/** x, passed through: the inputs are `count` parameters, then x. */
function rootOp(name: string, f: Residual, count: number, settings: LinearSettings): Op {
  return {
    name,
    bodies: settings.bodies,
    shape: (inputs) => inputs.slice(count),
    evaluate: (inputs) => ({ outputs: inputs.slice(count) }),
    jvp(tangents, { inputs, outputs }) {
      const theta = inputs.slice(0, count);
      const at = theta.flatMap((_, i) => (tangents[i] === undefined ? [] : [i]));
      if (at.length === 0) return outputs.map(() => undefined);
      const { tangent } = jvp(
        (...moved) => vectorOf(f(replaced(theta, at, moved), outputs)),
        at.map((i) => theta[i]),
        at.map((i) => tangents[i] as Tensor),
      );
      return leavesOf(new LinearSystem(f, settings, false).solve(neg(tangent), theta, outputs), outputs);
    },
    vjp(cotangents, { inputs, outputs, wanted, memo }) {
      const theta = inputs.slice(0, count);
      const at = theta.flatMap(({ dtype }, i) => (wanted[i] && dtype !== 'i32' ? [i] : []));
      const results: Derivative[] = inputs.map(() => undefined);
      if (at.length === 0) return results;
      const whole = outputs.map((y, i) => orZeros(cotangents[i], y));
      const system = new LinearSystem(f, settings, true, memo);
      const w = system.solve(vectorOf(whole), theta, outputs);
      const recorded = vjp(
        (...moved) => vectorOf(f(replaced(theta, at, moved), outputs)),
        ...at.map((i) => theta[i]),
      );
      recorded.pullback(neg(w)).forEach((result: Tensor, k: number) => {
        results[at[k]] = result;
      });
      recorded.dispose();
      return results;
    },
  };
}
