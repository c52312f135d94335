// The index space at `meta`: 5 ndim i32, the extents, three rows of strides in elements, and a row of counters that a twin has no
// use for. Elementwise twins are one function of numbers, called at every index.
import { type Cells, range } from './cells.js';

/** Calls `visit` at every index, last axis fastest, with its position and its offset by each of the three rows of strides. */
export function eachIndex(
  words: Cells,
  ndim: number,
  meta: number,
  visit: (position: number, offsets: readonly number[]) => void,
): void {
  const extents = range(ndim).map((axis) => words.at(meta, axis));
  const size = extents.reduce((p, n) => p * n, 1);
  for (let position = 0; position < size; position++) {
    const offsets = [0, 0, 0];
    let rest = position;
    for (let axis = ndim - 1; axis >= 0; axis--) {
      const index = rest % extents[axis];
      rest = (rest - index) / extents[axis];
      for (let row = 0; row < 3; row++) offsets[row] += index * words.at(meta, (1 + row) * ndim + axis);
    }
    visit(position, offsets);
  }
}

/** out := f(a). */
export const unary =
  (words: Cells, to: Cells, from: Cells, f: (a: number) => number) =>
  (ndim: number, meta: number, out: number, a: number): void =>
    eachIndex(words, ndim, meta, (i, [s]) => to.put(out, i, f(from.at(a, s))));

/** out := f(a, b). */
export const binary =
  (words: Cells, to: Cells, from: Cells, f: (a: number, b: number) => number) =>
  (ndim: number, meta: number, out: number, a: number, b: number): void =>
    eachIndex(words, ndim, meta, (i, [s, t]) => to.put(out, i, f(from.at(a, s), from.at(b, t))));

/** out := f(a, b, c), a of a type of its own. */
export const ternary =
  (words: Cells, to: Cells, first: Cells, rest: Cells, f: (a: number, b: number, c: number) => number) =>
  (ndim: number, meta: number, out: number, a: number, b: number, c: number): void =>
    eachIndex(words, ndim, meta, (i, [s, t, u]) =>
      to.put(out, i, f(first.at(a, s), rest.at(b, t), rest.at(c, u))),
    );
