// customVjp and customJvp: functions with derivatives written by the user.
import { checkFunction, checkObject } from '../core/check.js';
import { ArgumentError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, leavesLike, type Structure, type Tree, unflatten } from '../core/tree.js';
import { applyAll, type Op } from '../ops/op.js';
import { orZeros } from '../ops/rules.js';
import type { TreeFunction } from './arguments.js';

/** The structures of a call: of the arguments and, once it is known, of the value. */
interface Call {
  inputs: Structure;
  output?: Structure;
}

/** The leaves of a call's value; records its structure. */
function leavesOf(noted: Call, value: Tree): Tensor[] {
  const { leaves, structure } = flatten(value);
  noted.output = structure;
  return leaves;
}

const rebuilt = (structure: Structure | undefined, leaves: readonly Tensor[]): Tree =>
  unflatten(structure as Structure, leaves);

/**
 * A function with a custom reverse rule. Forward mode uses the transpose of the rule; higher derivatives differentiate
 * it. In a graph it is one node, which keeps the rule.
 * @param forward (…xs) => { value, residuals }: trees of tensors; `backward` receives the residuals.
 * @param backward (residuals, cotangent) => cotangents of the arguments, an array with one per argument.
 * @throws ArgumentError if forward uses a differentiated tensor that is not among its arguments.
 * @example
 * // The derivative of |x| as 0 where x is 0, and a gradient of at most 1 elsewhere.
 * const f = customVjp((x) => ({ value: abs(x), residuals: x }), (x, ct) => [mul(ct, sign(x))]);
 */
export function customVjp(
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  forward: (...xs: any[]) => { value: any; residuals: any },
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  backward: (residuals: any, cotangent: any) => readonly unknown[],
): TreeFunction {
  checkFunction('customVjp', 'forward', forward);
  checkFunction('customVjp', 'backward', backward);
  return (...xs) => {
    const { leaves, structure } = flatten(xs, 'customVjp');
    const noted: Call = { inputs: structure };
    const op: Op = {
      name: 'customVjp',
      shape: () => [],
      residuals: true,
      evaluate(inputs) {
        const given = forward(...(unflatten(structure, inputs) as unknown[]));
        checkObject('customVjp', 'what forward returns', given);
        const { value, residuals } = given;
        return { outputs: leavesOf(noted, value), residuals };
      },
      vjp(cotangents, { inputs, outputs, residuals }) {
        const whole = cotangents.map((ct, i) => orZeros(ct, outputs[i]));
        const results = backward(residuals, rebuilt(noted.output, whole));
        if (!Array.isArray(results) || results.length !== xs.length) {
          throw new ArgumentError(
            `customVjp: backward must return an array of ${xs.length} cotangents, one per argument`,
          );
        }
        return leavesLike('customVjp', 'what backward returns', results, unflatten(structure, inputs));
      },
    };
    const outputs = applyAll(op, leaves, undefined);
    return rebuilt(noted.output, outputs);
  };
}

/**
 * A function with a custom forward rule. Reverse mode uses the transpose of the rule; higher derivatives differentiate
 * it. In a graph it is one node, which keeps the rule.
 * @param f the function of trees.
 * @param rule (primals, tangents) => { value, tangent }; both arguments are arrays with one tree per argument of f.
 * @throws ArgumentError if f uses a differentiated tensor that is not among its arguments.
 * @example
 * const f = customJvp((x) => exp(x), ([x], [t]) => { const value = exp(x); return { value, tangent: mul(t, value) };
 * });
 */
export function customJvp(
  f: TreeFunction,
  // biome-ignore lint/suspicious/noExplicitAny: trees of the user's
  rule: (primals: any[], tangents: any[]) => { value: any; tangent: any },
): TreeFunction {
  checkFunction('customJvp', 'f', f);
  checkFunction('customJvp', 'rule', rule);
  return (...xs) => {
    const { leaves, structure } = flatten(xs, 'customJvp');
    const noted: Call = { inputs: structure };
    const op: Op = {
      name: 'customJvp',
      shape: () => [],
      evaluate: (inputs) => ({ outputs: leavesOf(noted, f(...(unflatten(structure, inputs) as unknown[]))) }),
      jvp(tangents, { inputs, outputs }) {
        const whole = tangents.map((t, i) => orZeros(t, inputs[i]));
        const given = rule(
          unflatten(structure, inputs) as unknown[],
          unflatten(structure, whole) as unknown[],
        );
        checkObject('customJvp', 'what rule returns', given);
        const { tangent } = given;
        return leavesLike('customJvp', 'the tangent', tangent, rebuilt(noted.output, outputs));
      },
    };
    const results = applyAll(op, leaves, undefined);
    return rebuilt(noted.output, results);
  };
}
