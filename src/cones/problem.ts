// What enumerations in floats and in exact arithmetic have in common: options, progress, incidences, and the bound on rays.
import { RayLimitError } from '../core/errors.js';

/** The order in which rows are inserted. */
export type RowOrder = 'lexmin' | 'maxcutoff' | 'fewest' | 'input';

/** How far an enumeration has come. */
export interface EnumerationProgress {
  /** Rows inserted. */
  readonly rows: number;
  /** All rows that were given. */
  readonly of: number;
  /** Rays held now. */
  readonly rays: number;
}

/** Options of all enumerations. */
export interface EnumerationOptions {
  /**
   * false: floats, the default; true: exact rational arithmetic on the numbers as they are; 'verified': floats, checked, and exact
   * arithmetic where a check fails.
   */
  exact?: boolean | 'verified';
  /** For floats: relative to rows and rays of unit length; default 1e-9. */
  tolerance?: number;
  /**
   * The order of insertion: 'lexmin' (lexicographically ascending, the default), 'input', 'maxcutoff' (the row that cuts off the
   * most rays next), 'fewest' (the row that makes the fewest new rays next).
   */
  order?: RowOrder;
  /** Bound on the rays held at any one time; default 1e6. */
  maxRays?: number;
  /** Called while rows are inserted. */
  onProgress?: (progress: EnumerationProgress) => void;
}

/** Which rays lie on which rows: bit i % 32 of bits[ray * words + floor(i / 32)] says that row i holds with equality. */
export interface Incidence {
  readonly rays: number;
  readonly rows: number;
  /** Words a ray: at least ceil(rows / 32); bits behind the last row are 0. */
  readonly words: number;
  readonly bits: Uint32Array;
}

/** Whether a ray lies on a row. */
export const liesOn = ({ words, bits }: Incidence, ray: number, row: number): boolean =>
  ((bits[ray * words + (row >>> 5)] >>> (row & 31)) & 1) === 1;

/** Words of an incidence with this many rows. */
export const wordsFor = (rows: number): number => Math.ceil(rows / 32);

/** The error of an enumeration that would hold more rays than it may. */
export function rayLimitError(
  name: string,
  counts: { rays: number; limit: number; rows: number; of: number },
): RayLimitError {
  const { rays, limit, rows, of } = counts;
  return new RayLimitError(
    `${name}: ${rays} rays are held after ${rows} of ${of} rows, more than maxRays = ${limit} (another order may hold fewer)`,
    counts,
  );
}
