// Edges in lexicographic order, in linear time: a radix sort of pairs of vertices, the last digit first, as each pass keeps the order
// of the one before.

/** Bits that one pass looks at, at most: its counters stay in the first-level cache. */
const DIGIT = 11;

/** The numbers 0 … m - 1 of the pairs (us[k], vs[k]) in lexicographic order; equal pairs stay in the order in which they are given. */
export function edgeOrder(us: Int32Array, vs: Int32Array, n: number): Int32Array {
  let order = new Int32Array(us.length);
  for (let k = 0; k < order.length; k++) order[k] = k;
  let next = new Int32Array(order.length);
  const bits = 32 - Math.clz32(Math.max(n - 1, 0));
  const passes = Math.ceil(bits / DIGIT);
  const width = Math.ceil(bits / Math.max(passes, 1));
  const counts = new Int32Array((1 << width) + 1);
  for (const keys of [vs, us])
    for (let shift = 0; shift < bits; shift += width) {
      pass(order, next, keys, shift, counts);
      [order, next] = [next, order];
    }
  return order;
}

/** Sorts by one digit: counts, then places. */
function pass(from: Int32Array, to: Int32Array, keys: Int32Array, shift: number, counts: Int32Array): void {
  const mask = counts.length - 2;
  counts.fill(0);
  for (let k = 0; k < keys.length; k++) counts[((keys[k] >>> shift) & mask) + 1]++;
  for (let digit = 0; digit <= mask; digit++) counts[digit + 1] += counts[digit];
  for (let k = 0; k < from.length; k++) {
    const edge = from[k];
    to[counts[(keys[edge] >>> shift) & mask]++] = edge;
  }
}
