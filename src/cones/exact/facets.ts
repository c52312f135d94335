// Facets in exact arithmetic: the rays of the polar cone in integers. With the first vertex moved to the origin, its equalities have no side, so
// that facets that are orthogonal to them in the polar space are so beside, too.
import { scope } from '../../core/scope.js';
import type { Settings } from '../arguments.js';
import { type ExactFacets, type Facets, touched } from '../facets.js';
import type { GeneratorRows } from '../polar.js';
import { rolesOf } from '../roles.js';
import { enumerateExact } from './enumerate.js';
import { dot, lengthOfIntegers, primitive, quotient, unitOf } from './integers.js';
import { type RationalRow, rationalRows } from './rational.js';
import { orthonormal, type Space, shortened, tensorOf, vectorOf } from './tensors.js';

/** The facets, with all decisions exact. */
export function exactFacets(name: string, generators: GeneratorRows, d: number, settings: Settings): Facets {
  const exactly = (argument: 'vertices' | 'rays' | 'lineality') => {
    const matrix = generators[argument];
    return matrix === undefined ? [] : rationalRows(name, argument, matrix);
  };
  const vertices = exactly('vertices');
  const [origin] = vertices;
  const directions = (argument: 'rays' | 'lineality') =>
    exactly(argument).map(({ numerators }) =>
      primitive(origin === undefined ? numerators : [...numerators, 0n]),
    );
  const rows = [...vertices.map((vertex) => movedTo(origin, vertex)), ...directions('rays')];
  const equalities = directions('lineality');
  const dimension = origin === undefined ? d : d + 1;
  const { order, maxRays, onProgress } = settings;
  const found = enumerateExact({ rows, equalities, dimension }, { order, maxRays, name, onProgress });
  const { redundant } = rolesOf(name, found.incidence, { isZero: (row) => rows[row].every((x) => x === 0n) });
  const finite = touched(found.incidence, vertices.length);
  const facets = found.rays.filter((_, i) => origin === undefined || finite[i]);
  const exact = inIntegers(facets, found.lineality, origin, d);
  return {
    ...inFloats(
      name,
      facets,
      shortened({ basis: found.lineality, complement: found.complement }, d),
      origin,
      d,
    ),
    exact,
    redundant,
    arithmetic: 'exact',
    peak: found.peak,
  };
}

/** (x - origin, 1) in integers. */
function movedTo(origin: RationalRow, { numerators, denominator }: RationalRow): bigint[] {
  const moved = numerators.map((x, j) => x * origin.denominator - origin.numerators[j] * denominator);
  return primitive([...moved, denominator * origin.denominator]);
}

/** a x <= b in integers without a common divisor, where a (x - origin) + height <= 0. */
function inIntegers(
  facets: readonly bigint[][],
  lineality: readonly bigint[][],
  origin: RationalRow | undefined,
  d: number,
): ExactFacets {
  const rows = (vectors: readonly bigint[][]) => {
    const all = vectors.map((vector) => {
      const normal = vector.slice(0, d);
      if (origin === undefined) return [...normal, 0n];
      const { numerators, denominator } = origin;
      const side = dot(normal, numerators) - vector[d] * denominator;
      return primitive([...normal.map((x) => x * denominator), side]);
    });
    return { A: all.map((row) => row.slice(0, d)), b: all.map((row) => row[d]) };
  };
  return { ...rows(facets), equalities: rows(lineality) };
}

function inFloats(
  name: string,
  facets: readonly bigint[][],
  lineality: Space,
  origin: RationalRow | undefined,
  d: number,
) {
  const normals = facets.map((facet) => facet.slice(0, d));
  const point = origin?.numerators.map((p) => quotient(p, origin.denominator));
  return scope(() => {
    const A = tensorOf(name, normals.map(unitOf), d);
    const b = vectorOf(
      name,
      facets.map((facet, i) => sideOf(normals[i], facet[d], origin)),
    );
    const E = orthonormal(name, lineality, d);
    const rows = E.data();
    const sides = Array.from({ length: lineality.basis.length }, (_, i) =>
      point === undefined ? 0 : point.reduce((sum, x, j) => sum + x * rows[i * d + j], 0),
    );
    return { A, b, E, e: vectorOf(name, sides) };
  });
}

/** b of a x <= b, with a of unit length, where normal (x - origin) + height <= 0. */
function sideOf(
  normal: readonly bigint[],
  height: bigint | undefined,
  origin: RationalRow | undefined,
): number {
  if (origin === undefined || height === undefined) return 0;
  const { numerators, denominator } = origin;
  const side = dot(normal, numerators) - height * denominator;
  const { length, unit } = lengthOfIntegers(normal);
  return quotient(side, denominator * unit) / length;
}
