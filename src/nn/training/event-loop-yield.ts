// Turns: long work that lets others have the event loop now and then, so that a page stays responsive.

/** Milliseconds after which others have their turn. */
const SPELL = 50;

/** A task behind those that wait. Timers would do, but browsers make nested ones wait for 4 ms. */
function behindOthers(): Promise<void> {
  return new Promise((done) => {
    if (typeof setImmediate === 'function') {
      setImmediate(done);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(0);
  });
}

/** The time since others had their turn. */
export class EventLoopYield {
  #last = performance.now();

  /** Whether it is time. */
  get isDue(): boolean {
    return performance.now() - this.#last > SPELL;
  }

  /** Lets others run: input, timers, drawing. */
  async give(): Promise<void> {
    await behindOthers();
    this.#last = performance.now();
  }
}
