// What the studies of examples/cones.mjs share: images, the set that outputs must lie in, models, and how far outputs are outside.
import {
  abs,
  astype,
  concat,
  cones,
  eye,
  matmul,
  max,
  mean,
  mul,
  neg,
  nn,
  ones,
  optim,
  pad,
  reshape,
  scope,
  slice,
  sub,
  tensor,
  transpose,
  zeros,
} from 'cotangent';
import { handwritten } from './mnist.mjs';

const TILES = 4;

/**
 * Images [n, side²] with values in [-1, 1]: those of 28 x 28, or the means of 2 x 2 pixels with a margin, 16 x 16.
 * @param x [n, 1, 28, 28] in [0, 1].
 */
function flat(x, side) {
  const n = x.shape[0];
  return scope(() => {
    const small =
      side === 28
        ? x
        : pad(mean(reshape(x, [n, 14, 2, 14, 2]), { axis: [2, 4] }), [
            [0, 0],
            [1, 1],
            [1, 1],
          ]);
    return sub(mul(reshape(small, [n, side * side]), 2), 1);
  });
}

/** { name, training, validation, test, original }: images as above; `original` are the test images in 28 x 28. */
export function imagesOf({ data, side, train, validate, test }) {
  const digits = handwritten(data, { count: train + validate });
  const most = digits.training.x.shape[0] - validate;
  const count = Math.min(train, most);
  const part = (x, from, to, size = side) => scope(() => flat(slice(x, [from], [to]), size));
  const found = {
    name: digits.name,
    training: part(digits.training.x, 0, count),
    validation: part(digits.training.x, most, most + validate),
    test: part(digits.test.x, 0, Math.min(test, digits.test.x.shape[0])),
    original: part(digits.test.x, 0, Math.min(test, digits.test.x.shape[0]), 28),
  };
  for (const half of [digits.training, digits.test]) for (const x of Object.values(half)) x.dispose();
  return found;
}

/** The checkerboard of 16 tiles, alone ({x : A x <= 0}) and within the box [-1, 1] ({x : all.A x <= all.b}). */
export function checkerboardOf(side) {
  const d = side * side;
  const A = cones.checkerboard(side, side, { tiles: [TILES, TILES] });
  return {
    ...{ side, A },
    all: scope(() => ({
      A: concat([A, eye(d), neg(eye(d))]),
      b: concat([zeros([A.shape[0]]), ones([2 * d])]),
    })),
  };
}

/**
 * The nearest points of the checkerboard within the box, [n, d], f64: constraints of separate pixels are separate problems, so
 * that a tile is projected at a time, all of them in one call.
 */
export function projected({ side }, y) {
  const [n, size] = [y.shape[0], side / TILES];
  const pixels = size * size;
  return scope(() => {
    const A = concat([ones([1, pixels]), eye(pixels), neg(eye(pixels))]);
    const b = concat([zeros([1]), ones([2 * pixels])]);
    // Tiles whose sum is >= 0 are turned, and turned back.
    const signs = Array.from({ length: TILES * TILES }, (_, k) => ((k + Math.floor(k / TILES)) % 2 ? -1 : 1));
    const turn = tensor(signs, { shape: [TILES, TILES, 1, 1] });
    const order = [0, 1, 3, 2, 4];
    const tiles = transpose(reshape(astype(y, 'f64'), [n, TILES, size, TILES, size]), order);
    const found = cones.project(A, reshape(mul(tiles, turn), [n * TILES * TILES, pixels]), { b });
    const back = mul(reshape(found, tiles.shape), turn);
    return reshape(transpose(back, order), y.shape);
  });
}

/** The mean over all pixels of the squared difference. */
export const meanSquare = (x, y) => scope(() => nn.mse(astype(x, 'f64'), astype(y, 'f64')).item());

/** How far outputs are outside: the largest A y, and the largest |y| - 1; 0 inside. */
export function violation({ A }, y) {
  return scope(() => {
    const exact = astype(y, 'f64');
    const above = (t) => Math.max(0, max(t).item());
    return { cone: above(matmul(exact, A, { transposeB: true })), box: above(sub(abs(exact), 1)) };
  });
}

/** Few digits, aligned; what is 0 to rounding is said to be so. */
export const shownViolation = (v) => (v === 0 ? '0' : v < 1e-4 ? v.toExponential(0) : v.toFixed(2));

/**
 * What `fit` is told: Adam as in the paper, whose steps shrink when validation stagnates, or, where there are few steps,
 * larger ones that come to rest.
 */
export function learning({ full, rate, epochs, batch }, count) {
  const initial = full ? 1e-4 : rate;
  const steps = epochs * Math.ceil(count / batch);
  const learningRate = full ? initial : optim.schedules.cosine({ initial, steps });
  return {
    ...{ optimizer: optim.adam({ learningRate }), epochs, batchSize: batch },
    ...(full && { reduceOnPlateau: optim.reduceOnPlateau({ factor: 0.1, patience: 5 }) }),
  };
}

/** Rows of a tensor of images as the pictures want them: 1 is ink. */
export function pixelsOf(y) {
  const [n, d] = y.shape;
  const values = y.toTypedArray();
  return Array.from({ length: n }, (_, k) =>
    Array.from(values.subarray(k * d, (k + 1) * d), (v) => Math.min(1, Math.max(0, (v + 1) / 2))),
  );
}
