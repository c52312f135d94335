// The order of rows before any is inserted: as given, or lexicographically ascending as slacks, b - a x, with b first.
import { affine, at, get, INPUT, intAt, left, m, n, ORDER, put, putInt, sorted, sortWork } from './state';

let rows: usize = 0;
let sides: usize = 0;

/** The least |entry| of a row that is not 0: rows are compared in units of it, which leaves small integers as they are. */
function unitOf(row: i32): f64 {
  let least = Infinity;
  const a = rows + ((<usize>row * <usize>n) << 3);
  for (let j = 0; j < n; j++) {
    const size = abs(load<f64>(a + (<usize>j << 3)));
    if (size > 0) least = min(least, size);
  }
  return least == Infinity ? 1 : least;
}

/** Whether row p comes before row q; of equal ones, the first. */
function precedes(p: i32, q: i32): bool {
  const s = at(left, p), t = at(left, q);
  if (affine) {
    const u = load<f64>(sides + (<usize>p << 3)) / s, v = load<f64>(sides + (<usize>q << 3)) / t;
    if (u != v) return u < v;
  }
  const a = rows + ((<usize>p * <usize>n) << 3), b = rows + ((<usize>q * <usize>n) << 3);
  for (let j = 0; j < n; j++) {
    const u = load<f64>(a + (<usize>j << 3)) / s, v = load<f64>(b + (<usize>j << 3)) / t;
    if (u != v) return u > v;
  }
  return p < q;
}

/** Writes the order of the rows. */
export function sortRows(a: usize, b: usize): void {
  rows = a;
  sides = b;
  for (let i = 0; i < m; i++) putInt(sorted, i, i);
  if (get(ORDER) == INPUT) return;
  for (let i = 0; i < m; i++) put(left, i, unitOf(i));
  let from = sorted, to = sortWork;
  for (let width = 1; width < m; width *= 2) {
    for (let start = 0; start < m; start += 2 * width) {
      const middle = min(start + width, m), stop = min(start + 2 * width, m);
      let i = start, j = middle;
      for (let q = start; q < stop; q++) {
        const left = j >= stop || (i < middle && !precedes(intAt(from, j), intAt(from, i)));
        putInt(to, q, intAt(from, left ? i++ : j++));
      }
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != sorted) memory.copy(sorted, from, <usize>m << 2);
}
