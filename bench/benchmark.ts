// Benchmark.js, with its own dependencies handed to it so that it also works inside a bundle.

import Benchmark from 'benchmark';
import lodash from 'lodash';
import platform from 'platform';

// Benchmark.js finds lodash and platform through a `require` that bundlers cannot see, and in a browser it knows no
// clock finer than Date. Its hook for Chrome's old `chrome.Interval` takes a microsecond clock, so that is the door
// through which performance.now() gets in.
class MicrosecondInterval {
  #start = 0;
  start(): void {
    this.#start = performance.now();
  }
  stop(): void {}
  microseconds(): number {
    return (performance.now() - this.#start) * 1000;
  }
}

const inNode = typeof process !== 'undefined' && typeof process.hrtime === 'function';
const context = {
  _: lodash,
  platform,
  ...(inNode ? {} : { document: null, chrome: { Interval: MicrosecondInterval } }),
};

export const BenchmarkJs: typeof Benchmark = Benchmark.runInContext(context) as unknown as typeof Benchmark;
