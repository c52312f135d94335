// What rows are for, from the rays that lie on each, F_i: a row with all rays holds with equality everywhere; of the others, those whose F_i is largest under
// inclusion give the facets, of equal ones the first. A set that has F_i within has each of its rays, so only the rows on one of them are compared.
import { roundToLine } from '../simd/lanes';

/** Roles. */
const FACET: i32 = 0;
const IMPLICIT: i32 = 1;
const REDUNDANT: i32 = 2;

let rays: i32 = 0;
let rows: i32 = 0;
let words: i32 = 0;
let bits: usize = 0;
let roles: usize = 0;
/** Words of 64 bits of a set of rays; the sets, their sizes, and how many rows each ray lies on. */
let width: i32 = 0;
let faces: usize = 0;
let sizes: usize = 0;
let degrees: usize = 0;
/** Lists of rows by size: the first of each, and the one behind each. */
let heads: usize = 0;
let nexts: usize = 0;
/** Which rows have been found to give facets. */
let isFacet: usize = 0;
let end: usize = 0;

function take(bytes: usize): usize {
  const at = end;
  end += roundToLine(bytes);
  return at;
}

function layOut(work: usize): void {
  end = (work + 7) & ~7;
  width = (rays + 63) >> 6;
  faces = take(8 * <usize>rows * <usize>width);
  sizes = take(4 * <usize>rows);
  degrees = take(4 * <usize>rays);
  heads = take(4 * (<usize>rays + 1));
  nexts = take(4 * <usize>rows);
  isFacet = take(<usize>rows);
}

/** Bytes of workspace. */
export function rolesWork(rayCount: i32, rowCount: i32): usize {
  rays = rayCount;
  rows = rowCount;
  layOut(0);
  return end + 8;
}

// @ts-ignore: decorator
@inline
function faceOf(row: i32): usize {
  return faces + ((<usize>row * <usize>width) << 3);
}

// @ts-ignore: decorator
@inline
function at(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function put(list: usize, i: i32, value: i32): void {
  store<i32>(list + (<usize>i << 2), value);
}

// @ts-ignore: decorator
@inline
function wordOf(ray: i32, w: i32): u32 {
  return load<u32>(bits + ((<usize>ray * <usize>words + <usize>w) << 2));
}

/** The sets of rays, from those of rows. */
function transpose(): void {
  memory.fill(faces, 0, (<usize>rows * <usize>width) << 3);
  memory.fill(sizes, 0, <usize>rows << 2);
  for (let ray = 0; ray < rays; ray++) {
    const word = <usize>(ray >> 6) << 3, mark = <u64>1 << <u64>(ray & 63);
    let degree = 0;
    for (let w = 0; w < words; w++) {
      for (let rest = wordOf(ray, w); rest != 0; rest &= rest - 1) {
        const row = (w << 5) + <i32>ctz<u32>(rest), p = faceOf(row) + word;
        store<u64>(p, load<u64>(p) | mark);
        put(sizes, row, at(sizes, row) + 1);
        degree++;
      }
    }
    put(degrees, ray, degree);
  }
}

/** The ray of a row that lies on the fewest rows; -1 of a row without rays. */
function loneliest(row: i32): i32 {
  let best = -1;
  for (let w = 0; w < width; w++) {
    for (let rest = load<u64>(faceOf(row) + (<usize>w << 3)); rest != 0; rest &= rest - 1) {
      const ray = (w << 6) + <i32>ctz<u64>(rest);
      if (best < 0 || at(degrees, ray) < at(degrees, best)) best = ray;
    }
  }
  return best;
}

function isWithin(row: i32, other: i32): bool {
  const p = faceOf(row), q = faceOf(other);
  for (let w: usize = 0; w < <usize>width << 3; w += 8) if ((load<u64>(p + w) & ~load<u64>(q + w)) != 0) return false;
  return true;
}

/** Whether the set of a row is within that of a facet. */
function isCovered(row: i32, facets: i32): bool {
  const ray = loneliest(row);
  if (ray < 0) return facets > 0;
  for (let w = 0; w < words; w++) {
    for (let rest = wordOf(ray, w); rest != 0; rest &= rest - 1) {
      const other = (w << 5) + <i32>ctz<u32>(rest);
      if (load<u8>(isFacet + <usize>other) && isWithin(row, other)) return true;
    }
  }
  return false;
}

/** Writes a role for each row; before, 1 marks rows of zeros, which are redundant. `hasFirst`: the last row comes before all others. */
export function findRoles(
  rayCount: i32, rowCount: i32, wordCount: i32, incidence: usize, hasFirst: i32, to: usize, work: usize,
): void {
  rays = rayCount;
  rows = rowCount;
  words = wordCount;
  bits = incidence;
  roles = to;
  layOut(work);
  transpose();
  for (let size = 0; size <= rays; size++) put(heads, size, -1);
  memory.fill(isFacet, 0, <usize>rows);
  let facets = 0;
  const listed = hasFirst ? rows - 1 : rows;
  for (let row = listed - 1; row >= 0; row--) {
    const size = at(sizes, row);
    if (at(roles, row)) put(roles, row, REDUNDANT);
    else if (size == rays) put(roles, row, IMPLICIT);
    else {
      put(nexts, row, at(heads, size));
      put(heads, size, row);
    }
  }
  if (hasFirst && at(sizes, listed) < rays) {
    store<u8>(isFacet + <usize>listed, 1);
    facets++;
  }
  for (let size = rays - 1; size >= 0; size--) {
    for (let row = at(heads, size); row >= 0; row = at(nexts, row)) {
      const isRedundant = isCovered(row, facets);
      put(roles, row, isRedundant ? REDUNDANT : FACET);
      if (isRedundant) continue;
      store<u8>(isFacet + <usize>row, 1);
      facets++;
    }
  }
}
