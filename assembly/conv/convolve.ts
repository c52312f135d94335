// y[o, p] = Σ_t w[o, t] x[window p, t] and its two adjoints, t over channels and kernel positions: three products in block-scatter
// form over the padded image. Each is linear in both its arguments, and the derivatives of each are the other two.
import { roundToLine } from '../simd/lanes';
import { halo, isPlain, paddedExtent, word } from './halo';
import { scatterProduct, scatterWorkspace } from './scatter';

/** Images are taken together until there are this many positions, so that small ones make long products, too. */
const POSITIONS: i32 = 512;

/** How many images of `positions` outputs are taken together. */
function together(images: i32, positions: i32): i32 {
  return max(1, min(images, (POSITIONS + positions - 1) / max(1, positions)));
}

/** out[i] := i step. */
function multiples(n: i32, step: usize, out: usize): void {
  for (let i = 0; i < n; i++) store<u32>(out + 4 * <usize>i, <u32>(<usize>i * step));
}

/**
 * Offsets of the taps in a padded image, and in a row of weights: channels slowest, as weights lie, or fastest, so that
 * neighbouring taps are a plane apart.
 */
function taps<T>(g: usize, channels: i32, plain: bool, channelsFastest: bool, image: usize, weight: usize): void {
  const kd = word(g, 3), kh = word(g, 4), kw = word(g, 5), dx = word(g, 14), stride = word(g, 11);
  const kernel = kd * kh * kw;
  const ph = paddedExtent(g, 1, plain), width = paddedExtent(g, 2, plain), phase = width / stride;
  const plane = paddedExtent(g, 0, plain) * ph * width;
  let position = 0;
  for (let z = 0; z < kd; z++) {
    for (let y = 0; y < kh; y++) {
      for (let x = 0; x < kw; x++) {
        const at = (z * word(g, 12) * ph + y * word(g, 13)) * width + ((x * dx) % stride) * phase + (x * dx) / stride;
        for (let c = 0; c < channels; c++) {
          const i = <usize>(channelsFastest ? position * channels + c : c * kernel + position);
          store<u32>(image + 4 * i, <u32>(c * plane + at) * <u32>sizeof<T>());
          store<u32>(weight + 4 * i, <u32>(c * kernel + position) * <u32>sizeof<T>());
        }
        position++;
      }
    }
  }
}

/** Offsets of the outputs of `images` images: of their windows in the padded images, and of themselves. */
function outputs<T>(g: usize, images: i32, channels: i32, outs: i32, plain: bool, image: usize, y: usize): void {
  const od = word(g, 6), oh = word(g, 7), ow = word(g, 8), size = <u32>sizeof<T>();
  const ph = paddedExtent(g, 1, plain), width = paddedExtent(g, 2, plain);
  const padded = <u32>(channels * paddedExtent(g, 0, plain) * ph * width), result = <u32>(outs * od * oh * ow);
  for (let n = 0; n < images; n++) {
    let at = <u32>n * result * size;
    for (let oz = 0; oz < od; oz++) {
      for (let oy = 0; oy < oh; oy++) {
        let from = (<u32>n * padded + <u32>((oz * word(g, 9) * ph + oy * word(g, 10)) * width)) * size;
        for (let ox = 0; ox < ow; ox++) {
          store<u32>(image, from);
          store<u32>(y, at);
          image += 4;
          y += 4;
          from += size;
          at += size;
        }
      }
    }
  }
}

/** y := x * w: forward. */
export const FORWARD: i32 = 0;
/** x := the adjoint in x of y. */
export const INPUT: i32 = 1;
/** w := the adjoint in w of y. */
export const WEIGHT: i32 = 2;
/** w[t, s] := Σ_p x[window p, t] x[window p, s], over all images; `outs` is the number of taps, y is not there. */
export const GRAM: i32 = 3;

/**
 * `images` images x [channels, d, h, w], weights w [outs, channels, kernel], results y [outs, positions]; one of the three is written,
 * as `form` says. Of `all` outs that lie in y these may be some: x and w are theirs, y begins with the first of them. `geometry`: 21
 * i32, see unfold.ts.
 */
export function convolve<T>(
  form: i32, images: i32, channels: i32, outs: i32, all: i32, geometry: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  const size = sizeof<T>(), plain = isPlain(geometry);
  const positions = word(geometry, 6) * word(geometry, 7) * word(geometry, 8);
  const k = channels * word(geometry, 3) * word(geometry, 4) * word(geometry, 5);
  const image = <usize>(channels * word(geometry, 0) * word(geometry, 1) * word(geometry, 2)) * size;
  const result = <usize>(all * positions) * size;
  if (form == FORWARD && k == 0) clearOutputs(images, <usize>(outs * positions) * size, result, y);
  if (form == INPUT) memory.fill(x, 0, <usize>images * image);
  if (form >= WEIGHT) memory.fill(w, 0, <usize>(outs * k) * size);
  if (images == 0 || k == 0 || positions == 0) return;
  const group = together(images, positions), n = group * positions;
  const imageTaps = work, weightTaps = imageTaps + 4 * <usize>k;
  const rowsW = weightTaps + 4 * <usize>k, rowsY = rowsW + 4 * <usize>outs;
  const windows = rowsY + 4 * <usize>outs, columnsY = windows + 4 * <usize>n;
  const padded = work + tables(k, outs, n);
  const plane = paddedExtent(geometry, 0, plain) * paddedExtent(geometry, 1, plain) * paddedExtent(geometry, 2, plain);
  const bytes = <usize>(channels * plane) * size;
  const product = plain ? padded : padded + roundToLine(<usize>group * bytes);
  taps<T>(geometry, channels, plain, form == INPUT, imageTaps, weightTaps);
  multiples(outs, <usize>k * size, rowsW);
  multiples(outs, <usize>positions * size, rowsY);
  outputs<T>(geometry, group, channels, all, plain, windows, columnsY);
  for (let i = 0; i < images; i += group) {
    const now = min(group, images - i), columns = now * positions;
    const from = plain ? x : padded;
    if (!plain) {
      if (form == INPUT) memory.fill(padded, 0, <usize>now * bytes);
      else halo<T>(now * channels, geometry, x, padded, false);
    }
    if (form == FORWARD) {
      scatterProduct<T>(outs, columns, k, w, rowsW, weightTaps, from, imageTaps, windows, false, false, y, rowsY, columnsY, product);
    } else if (form == INPUT) {
      scatterProduct<T>(k, columns, outs, w, weightTaps, rowsW, y, rowsY, columnsY, true, false, from, imageTaps, windows, product);
      if (!plain) halo<T>(now * channels, geometry, x, padded, true);
    } else if (form == WEIGHT) {
      scatterProduct<T>(outs, k, columns, y, rowsY, columnsY, from, windows, imageTaps, true, false, w, rowsW, weightTaps, product);
    } else {
      scatterProduct<T>(k, k, columns, from, imageTaps, windows, from, windows, imageTaps, true, true, w, rowsW, weightTaps, product);
    }
    x += <usize>now * image;
    y += <usize>now * result;
  }
  if (form == GRAM) mirror<T>(k, w);
}

/** `images` runs of `bytes` zeros, `pitch` bytes apart. */
function clearOutputs(images: i32, bytes: usize, pitch: usize, y: usize): void {
  for (let i = 0; i < images; i++) memory.fill(y + <usize>i * pitch, 0, bytes);
}

/** What lies above the diagonal := what lies below. */
function mirror<T>(k: i32, w: usize): void {
  const size = sizeof<T>(), row = <usize>k * size;
  for (let i = 1; i < k; i++) {
    for (let j = 0; j < i; j++) {
      store<T>(w + <usize>j * row + <usize>i * size, load<T>(w + <usize>i * row + <usize>j * size));
    }
  }
}

/** Bytes of the tables of offsets. */
function tables(k: i32, outs: i32, n: i32): usize {
  return roundToLine(8 * (<usize>k + <usize>outs + <usize>n));
}

/** Elements of the padded images that are in the workspace at a time. */
export function paddedElements(images: i32, channels: i32, positions: i32, plane: i32): f64 {
  return <f64>together(images, positions) * <f64>channels * <f64>plane;
}

/** Bytes of workspace; `kernel` and `positions` are products of extents, `plane` bounds the elements of a padded channel. */
export function convolveWorkspace<T>(images: i32, channels: i32, outs: i32, kernel: i32, positions: i32, plane: i32): usize {
  const group = together(images, positions), n = group * positions, k = channels * kernel;
  const product = max(
    scatterWorkspace<T>(outs, n, k), max(scatterWorkspace<T>(k, n, outs), scatterWorkspace<T>(outs, k, n)),
  );
  return tables(k, outs, n) + roundToLine(<usize>group * <usize>channels * <usize>plane * sizeof<T>()) + product;
}
