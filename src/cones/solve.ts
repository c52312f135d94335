// An enumeration in the arithmetic that was asked for.
import type { Settings } from './arguments.js';
import { solveExactly } from './exact/solve.js';
import { solveInFloats } from './float/solve.js';
import type { Constraints, Inspect, Solution } from './solution.js';

/** The generators of a cone or polyhedron. */
export function solve(
  name: string,
  constraints: Constraints,
  settings: Settings,
  inspect?: Inspect,
): Solution {
  if (settings.exact !== true) {
    const checks = settings.exact === 'verified';
    const found = solveInFloats(name, constraints, settings, { checks, inspect });
    if (found !== undefined) return found;
  }
  return solveExactly(name, constraints, settings, inspect);
}
