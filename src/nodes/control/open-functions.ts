// The user's functions on plain values, also inside a transformation that traces tensors which they capture.

import { type Closure, closureOf } from '../../compiler/closure.js';
import type { Tensor } from '../../core/tensor.js';
import { type Structure, unflatten } from '../../core/tree.js';
import { isTransforming } from '../../ops/level.js';
import { UnknownValueError } from '../../ops/tracer.js';
import { plainOf } from '../../solve/implicit-root.js';
import { type Call, type ControlFunctions, NAME, type Part, type PartFunction, partOf } from './functions.js';

/** Which functions there are, besides dynamics and cost. */
export interface Parts {
  readonly finalCost: boolean;
  readonly equality: boolean;
  readonly inequality: boolean;
  readonly finalEquality: boolean;
  readonly finalInequality: boolean;
}

/** The functions on plain tensors. */
export interface PlainFunctions {
  readonly parts: Parts;
  /**
   * For calls with these leading axes. Ask for it outside of scopes that end before its last use: it may hold what the
   * user's functions compute from captured tensors.
   */
  at(part: Part, call: Call): PartFunction;
}

/** Which functions the user has given. */
export function partsOf(f: ControlFunctions): Parts {
  return {
    finalCost: f.finalCost !== undefined,
    equality: f.equality !== undefined,
    inequality: f.inequality !== undefined,
    finalEquality: f.finalEquality !== undefined,
    finalInequality: f.finalInequality !== undefined,
  };
}

/**
 * The functions for plain parameters. Inside a transformation the tensors that they capture are replaced by their
 * values, so that nothing that the solver does is recorded.
 * @param sizes the extents of a state and of a control.
 */
export function openFunctions(
  f: ControlFunctions,
  leaves: readonly Tensor[],
  structure: Structure,
  { nx, nu }: { nx: number; nu: number },
): PlainFunctions & { dispose(): void } {
  const graphs = new Map<string, { closure: Closure | undefined; run: PartFunction }>();
  const theta = unflatten(structure, leaves);
  const open = (part: Part, call: Call) => {
    const direct = partOf(f, part, theta, call);
    if (!isTransforming()) return { closure: undefined, run: direct };
    const { lead, dtype } = call;
    const x = { shape: [...lead, nx], dtype };
    const specs = part === 'last' ? [x] : [x, { shape: [...lead, nu], dtype }, { shape: lead, dtype }];
    const { length } = specs;
    let closure: Closure;
    try {
      const g = (...xs: Tensor[]) => partOf(f, part, theta, call)(xs.slice(0, length));
      closure = closureOf(NAME, g, specs);
    } catch (error) {
      // A function that reads values runs on values only; the tensors that it captures must not be traced.
      if (error instanceof UnknownValueError) return { closure: undefined, run: direct };
      throw error;
    }
    if (closure.captures.length === 0) {
      closure.graph.dispose();
      return { closure: undefined, run: direct };
    }
    const values = closure.captures.map(plainOf);
    const run: PartFunction = (xs) => closure.graph.evaluate([...xs, ...values]) as Tensor[];
    return { closure, run };
  };
  return {
    parts: partsOf(f),
    at(part, call) {
      const key = `${part} ${call.lead}`;
      let found = graphs.get(key);
      if (found === undefined) {
        found = open(part, call);
        graphs.set(key, found);
      }
      return found.run;
    },
    dispose() {
      for (const { closure } of graphs.values()) closure?.graph.dispose();
      graphs.clear();
    },
  };
}
