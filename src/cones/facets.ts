// From the rays of the polar cone to facets: a ray (alpha, gamma) of it says alpha (x - origin) / length + gamma <= 0.
import { lengthOf } from '../core/scalars.js';
import { scope } from '../core/scope.js';
import { allocate, type Tensor } from '../core/tensor.js';
import type { Settings } from './arguments.js';
import { solveInFloats } from './float/solve.js';
import { type GeneratorRows, type Polar, polarOf } from './polar.js';
import type { Incidence } from './problem.js';

/** {x : A x <= b, E x = e} in whole numbers, those of each row and its side without a common divisor. */
export interface ExactFacets {
  readonly A: bigint[][];
  readonly b: bigint[];
  readonly equalities: { readonly A: bigint[][]; readonly b: bigint[] };
}

/** {x : A x <= b, E x = e}, and the generators that are not needed. */
export interface Facets {
  readonly A: Tensor;
  readonly b: Tensor;
  readonly E: Tensor;
  readonly e: Tensor;
  readonly redundant: number[];
  readonly exact?: ExactFacets;
  readonly arithmetic: 'float' | 'exact';
  readonly peak: number;
}

/** The facets in floats; undefined where they were to be verified, and are not right. */
export function facetsInFloats(
  name: string,
  generators: GeneratorRows,
  d: number,
  settings: Settings,
): Facets | undefined {
  const polar = polarOf(generators, d);
  const points = generators.vertices?.rows ?? 0;
  let finite: boolean[] = [];
  let rest: Pick<Facets, 'redundant' | 'arithmetic' | 'peak'> | undefined;
  const tensors = scope(() => {
    const found = solveInFloats(name, polar.constraints, settings, {
      checks: settings.exact === 'verified',
      inspect: (incidence) => void (finite = touched(incidence, points)),
    });
    if (found === undefined) return undefined;
    const { redundant, arithmetic, peak } = found;
    rest = { redundant, arithmetic, peak };
    // Facets of the cone over a polyhedron on which none of its points lies are at infinity.
    const [A, b] = inequalities(name, found.rays, polar, d, (i) => points === 0 || finite[i]);
    const [E, e] = inequalities(name, found.lineality, polar, d, () => true);
    return { A, b, E, e };
  });
  return tensors === undefined || rest === undefined ? undefined : { ...tensors, ...rest };
}

/** Which rays lie on one of the first rows. */
export function touched({ rays, words, bits }: Incidence, rows: number): boolean[] {
  const last = rows >>> 5;
  const mask = (1 << (rows & 31)) - 1;
  return Array.from({ length: rays }, (_, ray) => {
    for (let k = 0; k < last; k++) if (bits[ray * words + k] !== 0) return true;
    return mask !== 0 && (bits[ray * words + last] & mask) !== 0;
  });
}

/** Of the terms of a side, what their rounding may leave. */
const ROUNDING = 2 ** -48;

/** Rows a of unit length and sides b, of vectors of the polar space. */
function inequalities(
  name: string,
  vectors: Tensor,
  { frame }: Polar,
  d: number,
  isWanted: (i: number) => boolean,
): [Tensor, Tensor] {
  const [count, width] = vectors.shape;
  const kept = Array.from({ length: count }, (_, i) => i).filter(isWanted);
  const A = allocate([kept.length, d], 'f64', name);
  const b = allocate([kept.length], 'f64', name);
  const [from, rows, sides] = [vectors.data(), A.data(), b.data().fill(0)];
  kept.forEach((i, to) => {
    const vector = from.subarray(i * width, i * width + d);
    const length = lengthOf(vector);
    let [side, size] = [0, 0];
    for (let j = 0; j < d; j++) {
      rows[to * d + j] = vector[j] / length;
      const term = rows[to * d + j] * (frame?.origin[j] ?? 0);
      side += term;
      size += Math.abs(term);
    }
    if (frame === undefined) return;
    side -= (from[i * width + d] * frame.length) / length;
    // What is left of a facet through the origin would tear apart the vertices there.
    sides[to] = Math.abs(side) <= ROUNDING * (size + frame.length / length) ? 0 : side;
  });
  return [A, b];
}
