// The rays of an enumeration, in whatever arithmetic.

/** Which rows hold with equality at each ray: so many words of 32 bits each. */
export interface RaySets {
  readonly address: number;
  readonly words: number;
}

/** Rays, their values on the row that was evaluated last, and the rays between them. */
export interface Rays {
  /** The values of a row of the problem on all rays; false where the arithmetic does not reach that far. */
  evaluate(row: number): boolean;
  /** The address of words with the signs of these values. */
  readonly values: number;
  /**
   * Makes the rays |v_n| p + |v_p| n, up to positive factors, for pairs (p, n) of rays with values of opposite signs, two i32 each, as rays `first` and following, which do
   * not count before they are kept; false where the arithmetic does not reach that far.
   */
  combine(pairs: number, count: number, first: number, sets: RaySets): boolean;
  /** Keeps the rays of a list, and `more` of those behind the last. */
  keep(list: number, count: number, more: number): void;
  /** The entries of all, without common divisors. */
  toVectors(): bigint[][];
}
