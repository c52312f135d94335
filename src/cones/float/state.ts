// The numbers in the header of an enumeration's state, as assembly/cones/float/state.ts lays them out.
import { runtime } from '../../core/runtime.js';

/** Where they lie, as i32 numbers. */
const FIELDS = {
  fixed: 5,
  rank: 6,
  empty: 7,
  places: 8,
  live: 10,
  peak: 11,
  wanted: 12,
  rayCapacity: 17,
  raysFree: 18,
  edgeCapacity: 19,
  edgesFree: 20,
  inserted: 9,
  vertices: 27,
} as const;

/** The unit of the homogenising coordinate and the least distance from the apex, as f64 numbers. */
const UNIT = 17;
const LEAST = 18;

/** A number of the header. */
export function read(state: number, field: keyof typeof FIELDS): number {
  return new Int32Array(runtime().memory.buffer, state, 32)[FIELDS[field]];
}

/** The unit of a polyhedron's homogenising coordinate, and the least distance of a row from the apex. */
export function readUnit(state: number): { unit: number; least: number } {
  const numbers = new Float64Array(runtime().memory.buffer, state, 24);
  return { unit: numbers[UNIT], least: numbers[LEAST] };
}
