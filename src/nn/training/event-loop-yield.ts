// Lets the event loop run now and then during long work, so that a page stays responsive.

/** Milliseconds after which the event loop may run. */
const SPELL = 50;

/** A task after those that wait. Timers would do, but browsers delay nested ones by 4 ms. */
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

/** The time since the event loop last ran. */
export class EventLoopYield {
  #last = performance.now();

  /** Whether it is time to yield. */
  get isDue(): boolean {
    return performance.now() - this.#last > SPELL;
  }

  /** Lets other tasks run: input, timers, drawing. */
  async give(): Promise<void> {
    await behindOthers();
    this.#last = performance.now();
  }
}
