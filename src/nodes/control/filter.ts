// Which points a line search takes: those that are better in cost or in the constraints than all before.

/** What must be gained, as a part of the infeasibility; and of the decrease that the slope promises. */
const MARGIN = 1e-5;
const ARMIJO = 1e-4;

/** A point as the filter sees it. */
export interface Mark {
  readonly infeasibility: number;
  readonly cost: number;
}

/** Source: Wächter & Biegler (2006), section 2.3. */
export class Filter {
  #marks: Mark[] = [];
  /** Points less feasible than this are never taken; those more feasible than the other must lower the cost. */
  #most = 0;
  #least = 0;

  /** `unit`: the size of an infeasibility that counts; what has counted before does not count less. */
  allow(unit: number): void {
    this.#most = Math.max(this.#most, 1e4 * unit);
    this.#least = Math.max(this.#least, 1e-4 * unit);
  }

  clear(): void {
    this.#marks = [];
  }

  /**
   * Whether a step of this length from `from` to `to` may be taken; notes it.
   * @param slope the derivative of the cost along the step, `noise` the rounding error of costs.
   */
  takes(from: Mark, to: Mark, length: number, slope: number, noise: number): boolean {
    if (!this.allows(to, noise)) return false;
    // Where the cost is to fall much more than the constraints' violation matters, it must fall.
    const isForCost =
      slope < 0 && from.infeasibility <= this.#least && length * slope * slope > from.infeasibility;
    if (isForCost) return to.cost <= from.cost + ARMIJO * length * slope + noise;
    const isBetter =
      to.infeasibility <= (1 - MARGIN) * from.infeasibility ||
      to.cost <= from.cost - MARGIN * from.infeasibility + (from.infeasibility === 0 ? noise : 0);
    if (isBetter) this.note(from);
    return isBetter;
  }

  /** Whether no point before is better in both. */
  allows({ infeasibility, cost }: Mark, noise: number): boolean {
    if (!(infeasibility <= this.#most) || !(cost < Number.POSITIVE_INFINITY)) return false;
    return this.#marks.every((mark) => infeasibility <= mark.infeasibility || cost <= mark.cost + noise);
  }

  note({ infeasibility, cost }: Mark): void {
    this.#marks.push({
      infeasibility: (1 - MARGIN) * infeasibility,
      cost: cost - MARGIN * infeasibility,
    });
  }
}
