// Every public function with valid arguments: tests walk the table, and one that is missing from it fails them.
import * as cotangent from '#src/index.js';
import { assimilationFunctions } from './public/assimilation.js';
import { conesFunctions } from './public/cones.js';
import { coreFunctions } from './public/core.js';
import { dynamicsFunctions } from './public/dynamics.js';
import { fftFunctions } from './public/fft.js';
import { givensFunctions } from './public/givens.js';
import { graphFunctions } from './public/graph.js';
import { linalgFunctions } from './public/linalg.js';
import { nnFunctions } from './public/nn.js';
import { nodesFunctions } from './public/nodes.js';
import { optimFunctions } from './public/optim.js';

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
export type Any = any;

/** One public function. */
export interface PublicFunction {
  /** Fresh arguments; float tensors in them, in trees too, are what it may be differentiated in. */
  args(): unknown[];
  /** Calls it with such arguments; default f(...args). For what makes functions: makes one, and calls that. */
  call?(f: Any, ...args: Any[]): unknown;
  /** Why it is not differentiated. */
  constant?: string;
  /** Which of its tensors it has no derivative in, counted over all arguments: it must say so. */
  refuses?: 'all' | readonly number[];
  /** It reads values: inside `compile` and `trace` it is an error. */
  eagerOnly?: true;
  /** Which of its tensors it only starts from: the derivative of what it finds is 0. */
  starts?: 'all' | readonly number[];
  /** Largest error of derivatives against differences, relative, and of values that depend on where an iteration starts; default 1e-5. */
  tolerance?: number;
}

/** By the name under which users call them. */
export const publicFunctions: Record<string, PublicFunction> = {
  ...assimilationFunctions,
  ...conesFunctions,
  ...coreFunctions,
  ...dynamicsFunctions,
  ...fftFunctions,
  ...givensFunctions,
  ...graphFunctions,
  ...linalgFunctions,
  ...nnFunctions,
  ...nodesFunctions,
  ...optimFunctions,
};

/** Namespaces whose functions are raw kernels on addresses. */
const RAW = new Set(['kernels']);

/** Every function that the package exports, by its path; classes are not functions. */
export function exportedFunctions(): Map<string, Any> {
  const found = new Map<string, Any>();
  const walk = (space: object, path: string) => {
    for (const [key, value] of Object.entries(space)) {
      if (RAW.has(path + key)) continue;
      const isClass = typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
      if (typeof value === 'function' && !isClass) found.set(path + key, value);
      else if (
        (typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.isFrozen(value)) ||
        Object.prototype.toString.call(value) === '[object Module]'
      )
        walk(value as object, `${path}${key}.`);
    }
  };
  walk(cotangent, '');
  return found;
}
