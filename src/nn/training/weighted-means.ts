// Means over batches of different sizes, by name.

/** Sums of scalars, weighted by the rows of their batches. */
export class WeightedMeans {
  readonly #sums = new Map<string, number>();
  rows = 0;

  add(rows: number, values: Readonly<Record<string, number>>): void {
    this.rows += rows;
    for (const [name, value] of Object.entries(values))
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + rows * value);
  }

  /** The mean so far. */
  of(name: string): number {
    return (this.#sums.get(name) ?? Number.NaN) / this.rows;
  }

  entries(): [string, number][] {
    return [...this.#sums.keys()].map((name) => [name, this.of(name)]);
  }
}
