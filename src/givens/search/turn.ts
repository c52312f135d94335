/** A plane rotation that was applied: rows (w_i, w_j) := (c w_i - s w_j, s w_i + c w_j), which is G(i, j, α)ᵀ W for c = cos α, s = sin α. */
export interface Turn {
  readonly i: number;
  readonly j: number;
  readonly c: number;
  readonly s: number;
}

/** What makes turns one by one: W := GᵀW, which starts from U. */
export interface TurnSource {
  /** The address of W. */
  readonly matrix: number;
  /** The next turn, which has been applied to W; undefined where there is none that gains anything. */
  next(): Turn | undefined;
  release(): void;
}
