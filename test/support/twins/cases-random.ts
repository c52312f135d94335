// Arguments for the comparison of the kernels of random numbers with their twins, bit for bit; see cases.ts.
import type { Build } from './cases.js';
import type { Operands } from './operands.js';

const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 9, 63, 301, 4095, 4097, 8193];

/** Any key, and counters at and across the places where a word wraps. */
const counter = (o: Operands): [number, number, number] => [
  o.int(-(2 ** 31), 2 ** 31 - 1),
  o.int(-(2 ** 31), 2 ** 31 - 1),
  o.one([0, o.int(0, 2 ** 40), 2 ** 31 - 2, 2 ** 32 - 3, 3 * 2 ** 32 - 1, 2 ** 52 - 2]),
];

export const RANDOM: Record<string, Build> = {
  threefry_uniform_T: (o) => {
    const n = o.one(COUNTS);
    const [low, span] = o.one([
      [0, 1],
      [1000, 1],
      [-1, 3],
      [0.1, 1e-9],
      [-1e30, 2e30],
    ]);
    const [least, most] = [Math.fround(low), Math.fround(low + span * 0.999)];
    return [n, o.out(n, 0), ...counter(o), low, span, o.one([1, 2]), least, most];
  },
  threefry_normal_T: (o) => {
    const n = o.one(COUNTS);
    return [n, o.out(n, 0), ...counter(o), o.one([0, -3.7]), o.one([1, 0, 2.5, 1e30])];
  },
};
