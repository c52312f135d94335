// Enumeration in floats, and its check.
import { allocate, type Tensor } from '../../core/tensor.js';
import { type Settings, tensorRows, zeroRows } from '../arguments.js';
import { polarOf } from '../polar.js';
import { type Incidence, liesOn } from '../problem.js';
import { type Roles, rolesOf } from '../roles.js';
import type { Constraints, Inspect, Solution } from '../solution.js';
import { FloatEnumeration } from './enumeration.js';

/**
 * The generators in floats. `checks`: undefined where a check finds them wrong: that all rows hold, that each ray and vertex is on enough independent
 * rows, and that the facets of what they span are the rows that are not redundant. That there is no point at all is not for floats to say then.
 */
export function solveInFloats(
  name: string,
  constraints: Constraints,
  settings: Settings,
  { checks = false, inspect }: { checks?: boolean; inspect?: Inspect } = {},
): Solution | undefined {
  const { A, b } = constraints;
  const enumeration = new FloatEnumeration(name, constraints, settings);
  try {
    if (!enumeration.isEmpty) enumeration.run();
    if (enumeration.isEmpty || (b !== undefined && enumeration.vertices === 0))
      return checks ? undefined : emptySolution(name, A.columns, enumeration.peak);
    const { roles, faces } = enumeration.incidence((incidence) => {
      inspect?.(incidence);
      const found = rolesFrom(name, constraints, incidence);
      return { roles: found, faces: checks ? facesOf(incidence, found, b !== undefined) : undefined };
    });
    const dimension = enumeration.dimension(roles.implicit);
    const { wrong, ...generators } = enumeration.finish(checks);
    const solution: Solution = {
      ...generators,
      ...roles,
      dimension,
      empty: false,
      arithmetic: 'float',
      peak: enumeration.peak,
    };
    let isRight = false;
    try {
      isRight =
        faces === undefined || (wrong === 0 && leadsBack(name, solution, faces, b !== undefined, settings));
      return isRight ? solution : undefined;
    } finally {
      if (!isRight) for (const tensor of Object.values(generators)) tensor.dispose();
    }
  } finally {
    enumeration.release();
  }
}

/** What rows are for. */
function rolesFrom(name: string, { A, b }: Constraints, incidence: Incidence): Roles {
  const zero = zeroRows(A);
  return rolesOf(name, incidence, { isZero: (row) => zero[row], isHomogenised: b !== undefined });
}

/** The solution without generators. */
export function emptySolution(name: string, n: number, peak: number): Solution {
  const made: Tensor[] = [];
  try {
    for (let i = 0; i < 3; i++) made.push(allocate([0, n], 'f64', name));
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
  const [vertices, rays, lineality] = made;
  const generators = { vertices, rays, lineality };
  return {
    ...generators,
    implicit: [],
    redundant: [],
    dimension: -1,
    empty: true,
    arithmetic: 'float',
    peak,
  };
}

/** The sets of generators on rows, as text: of facets, and that of the homogenising row, which may be one. */
interface FaceSets {
  readonly facets: Set<string>;
  readonly infinity?: string;
}

function facesOf(incidence: Incidence, { implicit, redundant }: Roles, isAffine: boolean): FaceSets {
  const none = new Set([...implicit, ...redundant]);
  const facets = new Set<string>();
  const listed = incidence.rows - (isAffine ? 1 : 0);
  for (let row = 0; row < listed; row++) if (!none.has(row)) facets.add(raysOn(incidence, row));
  return { facets, infinity: isAffine ? raysOn(incidence, listed) : undefined };
}

/** The numbers below `count` that are in a set, as text. */
function textOf(count: number, isIn: (k: number) => boolean): string {
  const list: number[] = [];
  for (let k = 0; k < count; k++) if (isIn(k)) list.push(k);
  return list.join();
}

const raysOn = (incidence: Incidence, row: number): string =>
  textOf(incidence.rays, (ray) => liesOn(incidence, ray, row));

const rowsAt = (incidence: Incidence, ray: number): string =>
  textOf(incidence.rows, (row) => liesOn(incidence, ray, row));

/** Whether the facets of the cone that generators span are on the sets of them that the rows are on. */
function leadsBack(
  name: string,
  solution: Solution,
  { facets, infinity }: FaceSets,
  isAffine: boolean,
  settings: Settings,
): boolean {
  const [rays, lineality] = [tensorRows(solution.rays), tensorRows(solution.lineality)];
  const vertices = isAffine ? tensorRows(solution.vertices) : undefined;
  const { constraints } = polarOf({ vertices, rays, lineality }, rays.columns);
  const enumeration = new FloatEnumeration(name, constraints, {
    ...settings,
    // The facets on the way are no rays that were asked for.
    maxRays: Number.POSITIVE_INFINITY,
    onProgress: undefined,
  });
  try {
    enumeration.run();
    if (enumeration.fixed + enumeration.rank !== solution.dimension + (isAffine ? 1 : 0)) return false;
    return enumeration.incidence((incidence) => {
      const found = new Set<string>();
      for (let facet = 0; facet < incidence.rays; facet++) found.add(rowsAt(incidence, facet));
      if (found.size !== incidence.rays) return false;
      for (const facet of facets) if (!found.delete(facet)) return false;
      return found.size === 0 || (found.size === 1 && infinity !== undefined && found.has(infinity));
    });
  } finally {
    enumeration.release();
  }
}
