// y[o] = max over the window of x, with the place of the first largest in its plane; and the two linear maps along these places.
// A NaN in the window is its largest.
import { lanes } from '../simd/lanes';
import { loadApart } from './apart';
import { word } from './halo';

/** Where v is to take the place of the best so far. */
// @ts-ignore: decorator
@inline
function isBetter<T>(v: v128, best: v128): v128 {
  return v128.or(v128.gt<T>(v, best), v128.ne<T>(v, v));
}

/** As many outputs as a vector has lanes. */
// @ts-ignore: decorator
@inline
function poolVector<T>(g: usize, x: usize, at: i32, y: usize, places: usize): void {
  const kd = word(g, 3), kh = word(g, 4), kw = word(g, 5), stride = word(g, 11);
  const line = word(g, 2), plane = line * word(g, 1);
  const stepZ = plane * word(g, 12), stepY = line * word(g, 13), stepX = word(g, 14);
  const corner = x + <usize>at * sizeof<T>();
  let best = loadApart<T>(corner, stride);
  // Offsets in the window, as integers of the width of T.
  let place = v128.splat<i32>(0);
  for (let z = 0; z < kd; z++) {
    for (let i = 0; i < kh; i++) {
      let offset = z * stepZ + i * stepY;
      for (let j = 0; j < kw; j++) {
        const v = loadApart<T>(corner + <usize>offset * sizeof<T>(), stride);
        const better = isBetter<T>(v, best);
        best = v128.bitselect(v, best, better);
        if (sizeof<T>() == 8) place = v128.bitselect(v128.splat<i64>(offset), place, better);
        else place = v128.bitselect(v128.splat<i32>(offset), place, better);
        offset += stepX;
      }
    }
  }
  v128.store(y, best);
  if (sizeof<T>() == 8) {
    store<i32>(places, at + <i32>i64x2.extract_lane(place, 0));
    store<i32>(places, at + stride + <i32>i64x2.extract_lane(place, 1), 4);
  } else {
    v128.store(places, i32x4.add(place, i32x4.add(i32x4.splat(at), i32x4.mul(i32x4.splat(stride), i32x4(0, 1, 2, 3)))));
  }
}

/** One output. */
function poolOne<T>(g: usize, x: usize, at: i32, y: usize, places: usize): void {
  const line = word(g, 2), plane = line * word(g, 1);
  let best = load<T>(x + <usize>at * sizeof<T>()), place = at;
  for (let z = 0; z < word(g, 3); z++) {
    for (let i = 0; i < word(g, 4); i++) {
      for (let j = 0; j < word(g, 5); j++) {
        const here = at + z * word(g, 12) * plane + i * word(g, 13) * line + j * word(g, 14);
        const v = load<T>(x + <usize>here * sizeof<T>());
        if (v > best || v != v) {
          best = v;
          place = here;
        }
      }
    }
  }
  store<T>(y, best);
  store<i32>(places, place);
}

/** One row of outputs whose first window begins at element `at` of the plane x. */
function poolRow<T>(g: usize, x: usize, at: i32, y: usize, places: usize): void {
  const n = word(g, 8), stride = word(g, 11), w = lanes<T>();
  let i = 0;
  for (; i + w <= n; i += w) {
    poolVector<T>(g, x, at, y, places);
    at += w * stride;
    y += 16;
    places += 4 * <usize>w;
  }
  for (; i < n; i++) {
    poolOne<T>(g, x, at, y, places);
    at += stride;
    y += sizeof<T>();
    places += 4;
  }
}

/** `planes` images of one channel; `geometry` as in unfold.ts, with windows that lie within the image. */
export function maxPool<T>(planes: i32, geometry: usize, x: usize, y: usize, places: usize): void {
  const h = word(geometry, 1), w = word(geometry, 2), row = word(geometry, 8);
  for (let i = 0; i < planes; i++) {
    for (let z = 0; z < word(geometry, 6); z++) {
      for (let o = 0; o < word(geometry, 7); o++) {
        poolRow<T>(geometry, x, (z * word(geometry, 9) * h + o * word(geometry, 10)) * w, y, places);
        y += <usize>row * sizeof<T>();
        places += 4 * <usize>row;
      }
    }
    x += <usize>(word(geometry, 0) * h * w) * sizeof<T>();
  }
}

/** y[i] := x[places[i]], plane by plane. */
export function poolGather<T>(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  for (let i = 0; i < planes; i++) {
    for (let o = 0; o < outputs; o++) {
      store<T>(y, load<T>(x + <usize>load<i32>(places) * sizeof<T>()));
      y += sizeof<T>();
      places += 4;
    }
    x += <usize>extent * sizeof<T>();
  }
}

/** x[places[i]] += y[i] on zeros, plane by plane: the transpose. */
export function poolScatter<T>(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  for (let i = 0; i < planes; i++) {
    memory.fill(x, 0, <usize>extent * sizeof<T>());
    for (let o = 0; o < outputs; o++) {
      const p = x + <usize>load<i32>(places) * sizeof<T>();
      store<T>(p, <T>(load<T>(p) + load<T>(y)));
      y += sizeof<T>();
      places += 4;
    }
    x += <usize>extent * sizeof<T>();
  }
}
