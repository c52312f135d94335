// What rows are for, from the rays that lie on each. No arithmetic is involved, so that floats and exact arithmetic share it.
import { allocateBytes, releaseBytes, runtime } from '../core/runtime.js';
import { cones } from '../generated/cones.js';
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

const IMPLICIT = 1;
const REDUNDANT = 2;

/** What the rows of an incidence are for; all generators but the lineality space must be among its rays. */
export function rolesOf(
  name: string,
  { rays, rows, words, bits }: Incidence,
  { isZero, isHomogenised = false }: RolesOptions = {},
): Roles {
  const length = words * rays;
  // Where the bits lie in linear memory, the allocation may take their view away.
  const { memory } = runtime();
  const isOurs = bits.buffer === memory.buffer;
  const { byteOffset } = bits;
  const copied = isOurs ? 0 : length;
  const block = allocateBytes(4 * (copied + rows) + cones.exports.row_roles_work(rays, rows), name);
  try {
    const words32 = new Uint32Array(memory.buffer, block, copied + rows);
    if (!isOurs) words32.set(bits.subarray(0, length));
    const roles = words32.subarray(copied);
    for (let row = 0; row < rows; row++) roles[row] = isZero?.(row) === true ? 1 : 0;
    const at = block + 4 * copied;
    const incidence = isOurs ? byteOffset : block;
    cones.exports.row_roles(rays, rows, words, incidence, isHomogenised ? 1 : 0, at, at + 4 * rows);
    const found: Roles = { implicit: [], redundant: [] };
    const listed = rows - (isHomogenised ? 1 : 0);
    for (let row = 0; row < listed; row++) {
      if (roles[row] === IMPLICIT) found.implicit.push(row);
      else if (roles[row] === REDUNDANT) found.redundant.push(row);
    }
    return found;
  } finally {
    releaseBytes(block);
  }
}
