// Turns: long work that lets others have the event loop now and then, so that a page stays responsive.

/** Milliseconds after which others have their turn. */
const SPELL = 50;

/** The time since others had their turn. */
export class Turns {
  #last = performance.now();

  /** Whether it is time. */
  get isDue(): boolean {
    return performance.now() - this.#last > SPELL;
  }

  /** Lets others run: input, timers, drawing. */
  async give(): Promise<void> {
    await new Promise((done) => setTimeout(done, 0));
    this.#last = performance.now();
  }
}
