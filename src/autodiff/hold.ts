// Hold: the share that a recording has in the graph of a call.
import type { Owned } from '../core/scope-stack.js';
import type { Body } from '../ops/op.js';

/** A share of a graph that is given back once, although both the scope around a recording and its own end free it. */
export class Hold implements Owned {
  #body: Body | undefined;

  constructor(body: Body) {
    this.#body = body;
    body.hold();
  }

  /** Nothing to do: the graph's constants are registered by themselves. */
  watch(): void {}

  dispose(): void {
    this.#body?.dispose();
    this.#body = undefined;
  }
}
