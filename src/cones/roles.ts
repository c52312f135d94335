// What rows are for, from the rays that lie on each: F_i = {rays r : a_i r = 0}. A row with all rays is an implicit equality; of the
// others, those whose F_i is largest under inclusion give the facets. No arithmetic is involved, so that floats and exact arithmetic share it.
import type { Incidence } from './problem.js';

/** What rows are for; a row in neither list is the first that gives its facet. */
export interface Roles {
  /** Rows that hold with equality everywhere, ascending. */
  readonly implicit: number[];
  /** Rows that can be left out all together, ascending: rows of zeros too. */
  readonly redundant: number[];
}

/** Options of `rolesOf`. */
export interface RolesOptions {
  /** Rows of zeros (for polyhedra: a = 0, whatever b). */
  readonly isZero?: (row: number) => boolean;
  /** The last row of the incidence is that of the homogenising coordinate: it comes before all others and is not listed. */
  readonly isHomogenised?: boolean;
}

/** What the rows of an incidence are for; all generators but the lineality space must be among its rays. */
export function rolesOf(incidence: Incidence, { isZero, isHomogenised = false }: RolesOptions = {}): Roles {
  const faces = facesOf(incidence);
  const listed = incidence.rows - (isHomogenised ? 1 : 0);
  const implicit: number[] = [];
  const redundant: number[] = [];
  const candidates: number[] = [];
  for (let row = 0; row < listed; row++) {
    if (isZero?.(row) === true) redundant.push(row);
    else if (faces.sizes[row] === incidence.rays) implicit.push(row);
    else candidates.push(row);
  }
  // A facet has more rays than any face in it; the first of equal ones stays.
  candidates.sort((a, b) => faces.sizes[b] - faces.sizes[a] || a - b);
  const facets: number[] = isHomogenised && faces.sizes[listed] < incidence.rays ? [listed] : [];
  for (const row of candidates) {
    if (facets.some((facet) => isWithin(faces, row, facet))) redundant.push(row);
    else facets.push(row);
  }
  redundant.sort((a, b) => a - b);
  return { implicit, redundant };
}

/** The sets F_i, a bit for each ray. */
interface Faces {
  readonly words: number;
  readonly bits: Uint32Array;
  readonly sizes: Uint32Array;
}

function facesOf({ rays, rows, words, bits }: Incidence): Faces {
  const width = Math.ceil(rays / 32);
  const faces = { words: width, bits: new Uint32Array(rows * width), sizes: new Uint32Array(rows) };
  for (let ray = 0; ray < rays; ray++) {
    const mark = 1 << (ray & 31);
    const word = ray >>> 5;
    for (let k = 0; k < words; k++) {
      for (let rest = bits[ray * words + k]; rest !== 0; rest &= rest - 1) {
        const row = 32 * k + 31 - Math.clz32(rest & -rest);
        faces.bits[row * width + word] |= mark;
        faces.sizes[row]++;
      }
    }
  }
  return faces;
}

/** F_row ⊆ F_facet. */
function isWithin({ words, bits }: Faces, row: number, facet: number): boolean {
  for (let k = 0; k < words; k++) {
    if ((bits[row * words + k] & ~bits[facet * words + k]) !== 0) return false;
  }
  return true;
}
