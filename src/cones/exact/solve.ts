// Enumeration in exact arithmetic, with results in floats beside.
import { scope } from '../../core/scope.js';
import type { Matrix, Settings } from '../arguments.js';
import { emptySolution } from '../float/solve.js';
import { rolesOf } from '../roles.js';
import type { Constraints, ExactGenerators, Inspect, Solution } from '../solution.js';
import { basisOf } from './basis.js';
import { enumerateExact } from './enumerate.js';
import { primitive, quotient, unitOf } from './integers.js';
import { homogeneousRow, rationalOf, rationalRows } from './rational.js';
import { orthonormal, type Space, shortened, tensorOf } from './tensors.js';

/** The generators, with all decisions exact. */
export function solveExactly(
  name: string,
  constraints: Constraints,
  settings: Settings,
  inspect?: Inspect,
): Solution {
  const { A, b, E, e } = constraints;
  const isAffine = b !== undefined;
  const rows = integerRows(name, 'A', A, isAffine ? { argument: 'b', values: b } : undefined);
  const sides = e === undefined ? undefined : { argument: 'equalities.b', values: e };
  const equalities =
    E === undefined ? [] : integerRows(name, isAffine ? 'equalities.A' : 'equalities', E, sides);
  const dimension = A.columns + (isAffine ? 1 : 0);
  if (isAffine) rows.push([...new Array<bigint>(A.columns).fill(0n), -1n]);
  const { order, maxRays, onProgress } = settings;
  const found = enumerateExact(
    { rows, equalities, dimension, isHomogenised: isAffine },
    { order, maxRays, name, of: A.rows, onProgress },
  );
  const { vertices, rays } = split(found.rays, isAffine);
  if (isAffine && vertices.length === 0)
    return { ...emptySolution(name, A.columns, found.peak), arithmetic: 'exact' };
  inspect?.(found.incidence);
  const isZero = (row: number) => rows[row].every((x, j) => x === 0n || j === A.columns);
  const roles = rolesOf(name, found.incidence, { isZero, isHomogenised: isAffine });
  const equal = roles.implicit.map((row) => rows[row]);
  const rank = basisOf(
    equalities,
    equal,
    equal.map((_, i) => i),
    dimension,
  ).spanning.length;
  const space = shortened({ basis: found.lineality, complement: found.complement }, A.columns);
  const exact = { vertices, rays, lineality: [...space.basis] };
  return {
    ...inFloats(name, exact, space, A.columns),
    ...roles,
    dimension: A.columns - rank,
    empty: false,
    exact,
    arithmetic: 'exact',
    peak: found.peak,
  };
}

/** Rows of primitive integers, (a, -b) where there are right-hand sides. */
function integerRows(
  name: string,
  argument: string,
  matrix: Matrix,
  sides: { argument: string; values: Matrix } | undefined,
): bigint[][] {
  return rationalRows(name, argument, matrix).map((row, i) =>
    sides === undefined
      ? primitive(row.numerators)
      : homogeneousRow(row, rationalOf(name, `${sides.argument}[${i}]`, sides.values.entry(i, 0))),
  );
}

/** Rays of height more than 0 are vertices. */
function split(rays: readonly bigint[][], isAffine: boolean): Pick<ExactGenerators, 'vertices' | 'rays'> {
  if (!isAffine) return { vertices: [], rays: [...rays] };
  const height = (ray: readonly bigint[]) => ray[ray.length - 1];
  return {
    vertices: rays
      .filter((ray) => height(ray) > 0n)
      .map((ray) => ({ x: ray.slice(0, -1), denominator: height(ray) })),
    rays: rays.filter((ray) => height(ray) === 0n).map((ray) => ray.slice(0, -1)),
  };
}

function inFloats(name: string, { vertices, rays }: ExactGenerators, lineality: Space, n: number) {
  let made: Pick<Solution, 'vertices' | 'rays' | 'lineality'> | undefined;
  // By a variable, so that the scope does not look for tensors elsewhere.
  const tensors = scope(() => {
    made = {
      vertices: tensorOf(
        name,
        vertices.map(({ x, denominator }) => x.map((p) => quotient(p, denominator))),
        n,
      ),
      rays: tensorOf(name, rays.map(unitOf), n),
      lineality: orthonormal(name, lineality, n),
    };
    return Object.values(made);
  });
  void tensors;
  return made as NonNullable<typeof made>;
}
