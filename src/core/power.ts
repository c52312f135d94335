// x^y of single numbers, with the same bits in every engine.
import { math } from '../generated/math.js';
import { runtime, withWorkspace } from './runtime.js';

/** x^y, by the kernel of the operation `pow`; error below 1 ULP. */
export function power(x: number, y: number): number {
  return withWorkspace(64, 'pow', (address) => {
    const cells = () => new Float64Array(runtime().memory.buffer, address, 8);
    // A descriptor of one axis: its extent, three strides and a counter.
    new Int32Array(runtime().memory.buffer, address, 5).set([1, 1, 1, 1, 0]);
    cells().set([x, y], 4);
    math.exports.pow_f64(1, address, address + 48, address + 32, address + 40);
    return cells()[6];
  });
}
