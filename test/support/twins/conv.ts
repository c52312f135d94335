// Twins of the module `conv`: convolutions as sums over windows, windows as columns, pooling. `geometry` is 21 i32: extents, kernel,
// outputs, strides, dilations, positions before, periodic flags, three each (depth, height, width).
import type { ConvExports } from '#src/generated/conv.js';
import { product, source, type Windows } from '../windows.js';
import { type Cells, cells, type Family, type Memory, named, range } from './cells.js';

function geometryAt(words: Cells, address: number): Windows {
  const triple = (i: number) => range(3).map((axis) => words.at(address, 3 * i + axis));
  const [extents, kernel, output, stride, dilation, before] = range(6).map(triple);
  return { extents, kernel, output, stride, dilation, before, periodic: triple(6).map((flag) => flag !== 0) };
}

const windows = (words: Cells, x: Cells) => {
  /** Every (output position, tap, place in the plane) of the windows; outside there are zeros. */
  const eachTap = (g: Windows, visit: (position: number, tap: number, place: number) => void) => {
    for (const p of range(product(g.output))) {
      for (const k of range(product(g.kernel))) {
        const place = source(g, p, k);
        if (place >= 0) visit(p, k, place);
      }
    }
  };
  const clear = (n: number, address: number) => range(n).forEach((i) => void x.put(address, i, 0));
  const add = (address: number, i: number, value: number) => x.put(address, i, x.at(address, i) + value);
  /** Sums run in f64: taken together in a list, stored once. */
  const sums = (n: number, body: (list: Float64Array) => void) => {
    const list = new Float64Array(n);
    body(list);
    return list;
  };
  const twins = {
    /** columns[c, tap][position] := x[c][place] */
    unfold(images, channels, geometry, a, columns) {
      const g = geometryAt(words, geometry);
      const [plane, taps, positions] = [product(g.extents), product(g.kernel), product(g.output)];
      clear(images * channels * taps * positions, columns);
      for (const c of range(images * channels))
        eachTap(g, (p, k, place) =>
          x.put(columns, (c * taps + k) * positions + p, x.at(a, c * plane + place)),
        );
    },
    /** Its transpose: x := the sum of the columns where they came from. */
    fold(images, channels, geometry, a, columns) {
      const g = geometryAt(words, geometry);
      const [plane, taps, positions] = [product(g.extents), product(g.kernel), product(g.output)];
      clear(images * channels * plane, a);
      for (const c of range(images * channels))
        eachTap(g, (p, k, place) => add(a, c * plane + place, x.at(columns, (c * taps + k) * positions + p)));
    },
    /** y[n, o, p] := Σ w[o, c, k] x[n, c, place] (form 0), its adjoint in x (1) or in w (2), or w := Σ x[t] x[s] over windows (3). */
    conv(form, images, channels, outs, all, geometry, a, w, y, _work) {
      const g = geometryAt(words, geometry);
      const [plane, taps, positions] = [product(g.extents), product(g.kernel), product(g.output)];
      const k = channels * taps;
      if (form === 3) {
        const columns = sums(k * positions * images, (list) => {
          for (const n of range(images))
            for (const c of range(channels))
              eachTap(g, (p, tap, place) => {
                const at = (c * taps + tap) * positions * images + n * positions + p;
                list[at] = x.at(a, (n * channels + c) * plane + place);
              });
        });
        const width = positions * images;
        for (const t of range(k))
          for (const s of range(k))
            x.put(
              w,
              t * k + s,
              range(width).reduce((sum, p) => sum + columns[t * width + p] * columns[s * width + p], 0),
            );
        return;
      }
      const size = [images * all * positions, images * channels * plane, outs * k][form];
      const list = sums(size, (result) => {
        for (const n of range(images))
          for (const o of range(outs))
            for (const c of range(channels))
              eachTap(g, (p, tap, place) => {
                const [iy, ix] = [(n * all + o) * positions + p, (n * channels + c) * plane + place];
                const iw = (o * channels + c) * taps + tap;
                if (form === 0) result[iy] += x.at(w, iw) * x.at(a, ix);
                else if (form === 1) result[ix] += x.at(w, iw) * x.at(y, iy);
                else result[iw] += x.at(y, iy) * x.at(a, ix);
              });
      });
      // Of `all` outs only the first `outs` are written.
      list.forEach((value, i) => {
        if (form !== 0 || Math.floor(i / positions) % all < outs) x.put([y, a, w][form], i, value);
      });
    },
    /** The largest of every window, and the place of the first of them; a NaN is the largest (the last one). */
    max_pool(planes, geometry, a, y, places) {
      const g = geometryAt(words, geometry);
      const [plane, positions] = [product(g.extents), product(g.output)];
      for (const c of range(planes)) {
        for (const p of range(positions)) {
          let best = source(g, p, 0);
          for (const k of range(product(g.kernel))) {
            const place = source(g, p, k);
            const v = x.at(a, c * plane + place);
            if (v > x.at(a, c * plane + best) || Number.isNaN(v)) best = place;
          }
          x.put(y, c * positions + p, x.at(a, c * plane + best));
          words.put(places, c * positions + p, best);
        }
      }
    },
    pool_gather(planes, extent, outputs, a, y, places) {
      for (const c of range(planes))
        for (const o of range(outputs)) {
          const at = c * outputs + o;
          x.put(y, at, x.at(a, c * extent + words.at(places, at)));
        }
    },
    pool_scatter(planes, extent, outputs, a, y, places) {
      clear(planes * extent, a);
      for (const c of range(planes))
        for (const o of range(outputs)) {
          const at = c * outputs + o;
          add(a, c * extent + words.at(places, at), x.at(y, at));
        }
    },
    /** The direct sum, strides and dilations 1; `adjoint`: w is [channels, outs, kernel] and is taken from the last tap. */
    winograd(adjoint, images, channels, outs, all, geometry, a, w, y, _work) {
      const g = { ...geometryAt(words, geometry), stride: [1, 1, 1], dilation: [1, 1, 1] };
      const [plane, taps, positions] = [product(g.extents), product(g.kernel), product(g.output)];
      for (const n of range(images))
        for (const o of range(outs)) {
          const list = sums(positions, (result) => {
            for (const c of range(channels))
              eachTap(g, (p, tap, place) => {
                const weight = adjoint
                  ? x.at(w, (c * outs + o) * taps + taps - 1 - tap)
                  : x.at(w, (o * channels + c) * taps + tap);
                result[p] += weight * x.at(a, (n * channels + c) * plane + place);
              });
          });
          list.forEach((value, p) => {
            x.put(y, (n * all + o) * positions + p, value);
          });
        }
    },
  } satisfies Partial<Family<ConvExports, 'f64'>>;
  return twins;
};

export function conv(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', windows(i32, f64)),
    ...named('f32', windows(i32, f32)),
  } satisfies Partial<ConvExports>;
}
