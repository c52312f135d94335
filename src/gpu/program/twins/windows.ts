// Windows of images: as columns of a matrix and back, pooling, and convolutions as products that read the windows where they lie.
import { sizeOf } from '../../../core/shape.js';
import type { Geometry } from '../../../ops/conv/windows.js';
import { type ImplicitProduct, implicitProduct } from '../implicit-product.js';
import { perElement, positions, reads, runsOf, ScratchSpace, writes } from '../shader.js';
import type { Twin } from '../twin.js';

/** A position on all axes as one number, from variables with these names. */
function flat(extents: readonly number[], prefix: string): string {
  return extents.reduce(
    (sum, extent, axis) => (axis === 0 ? `${prefix}0` : `(${sum}) * ${extent} + ${prefix}${axis}`),
    '0',
  );
}

const modulo = (p: string, n: number): string => `((${p}) % ${n} + ${n}) % ${n}`;

/** `seen(o, t)`: the element of the plane that output o sees through tap t of the kernel, or -1 where that is padding. */
function seen({ extents, kernel, output, stride, dilation, before, periodic }: Geometry): string {
  const place = (axis: number): string => {
    const at = `i32(o${axis}) * ${stride[axis]} + i32(t${axis}) * ${dilation[axis]} - ${before[axis]}`;
    if (periodic[axis]) return `  let p${axis} = ${modulo(at, extents[axis])};`;
    return `  let p${axis} = ${at};\n  if (p${axis} < 0 || p${axis} >= ${extents[axis]}) { return -1; }`;
  };
  return `fn seen(o: u32, t: u32) -> i32 {
${positions('o', output, 'o')}
${positions('t', kernel, 't')}
${extents.map((_, axis) => place(axis)).join('\n')}
  return ${flat(extents, 'p')};
}
`;
}

/** `seen_by(p, t)`: the output that sees element p of the plane through tap t of the kernel, or -1. */
function seenBy({ extents, kernel, output, stride, dilation, before, periodic }: Geometry): string {
  const place = (axis: number): string => {
    const at = `i32(p${axis}) + ${before[axis]} - i32(t${axis}) * ${dilation[axis]}`;
    if (periodic[axis]) return `  let q${axis} = ${modulo(at, extents[axis])};`;
    const [s, by] = [`s${axis}`, stride[axis]];
    return `  let ${s} = ${at};
  if (${s} < 0 || ${s} % ${by} != 0 || ${s} / ${by} >= ${output[axis]}) { return -1; }
  let q${axis} = ${s} / ${by};`;
  };
  return `fn seen_by(p: u32, t: u32) -> i32 {
${positions('p', extents, 'p')}
${positions('t', kernel, 't')}
${extents.map((_, axis) => place(axis)).join('\n')}
  return ${flat(output, 'q')};
}
`;
}

/** Whether at most one output sees an element through a tap: not where steps go around an axis more than once. */
function isSeenOnce({ periodic, stride, output, extents }: Geometry): boolean {
  return periodic.every((wraps, axis) => !wraps || (stride[axis] === 1 && output[axis] === extents[axis]));
}

export const unfoldTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const g = params as Geometry;
  const [taps, outputs, plane] = [sizeOf(g.kernel), sizeOf(g.output), sizeOf(g.extents)];
  return runsOf(
    perElement(out.size, {
      bindings: [reads(x, 'u32'), writes(out, 'u32')],
      declared: seen(g),
      body: `${positions('e', [x.shape[0] * x.shape[1], taps, outputs], 'i')}
  let at = seen(i2, i1);
  b1[e] = 0u;
  if (at >= 0) { b1[e] = b0[i0 * ${plane}u + u32(at)]; }`,
    }),
  );
};

export const foldTwin: Twin = ({ inputs: [columns], outputs: [out], params }) => {
  const g = params as Geometry;
  if (!isSeenOnce(g)) return undefined;
  const [taps, outputs] = [sizeOf(g.kernel), sizeOf(g.output)];
  return runsOf(
    perElement(out.size, {
      bindings: [reads(columns), writes(out)],
      declared: seenBy(g),
      body: `${positions('e', [out.shape[0] * out.shape[1], sizeOf(g.extents)], 'i')}
  var sum = 0.0;
  for (var t = 0u; t < ${taps}u; t++) {
    let o = seen_by(i1, t);
    if (o >= 0) { sum += b0[(i0 * ${taps}u + t) * ${outputs}u + u32(o)]; }
  }
  b1[e] = sum;`,
    }),
  );
};

/** The largest of each window, the last NaN if there is one, and its place in the plane. */
export const maxPoolTwin: Twin = ({ inputs: [x], outputs: [y, places], params }) => {
  const g = params as Geometry;
  const [taps, plane] = [sizeOf(g.kernel), sizeOf(g.extents)];
  return runsOf(
    perElement(y.size, {
      bindings: [reads(x), writes(y), writes(places)],
      needs: ['order', 'is_nan'],
      declared: seen(g),
      body: `${positions('e', [y.shape[0] * y.shape[1], sizeOf(g.output)], 'i')}
  var place = seen(i1, 0u);
  var best = b0[i0 * ${plane}u + u32(place)];
  for (var t = 1u; t < ${taps}u; t++) {
    let at = seen(i1, t);
    let v = b0[i0 * ${plane}u + u32(at)];
    if (is_nan(v) || (!is_nan(best) && order(v) > order(best))) {
      best = v;
      place = at;
    }
  }
  b1[e] = best;
  b2[e] = place;`,
    }),
  );
};

export const poolGatherTwin: Twin = ({ inputs: [x, places], outputs: [out], params }) => {
  const g = params as Geometry;
  return runsOf(
    perElement(out.size, {
      bindings: [reads(x, 'u32'), reads(places), writes(out, 'u32')],
      body: `${positions('e', [places.size / sizeOf(g.output), sizeOf(g.output)], 'i')}
  b2[e] = b0[i0 * ${sizeOf(g.extents)}u + u32(b1[e])];`,
    }),
  );
};

export const poolScatterTwin: Twin = ({ inputs: [y, places], outputs: [out], params }) => {
  const g = params as Geometry;
  const [taps, outputs] = [sizeOf(g.kernel), sizeOf(g.output)];
  return runsOf(
    perElement(out.size, {
      bindings: [reads(y), reads(places), writes(out)],
      declared: seenBy(g),
      body: `${positions('e', [y.shape[0] * y.shape[1], sizeOf(g.extents)], 'i')}
  var sum = 0.0;
  // The later taps see what came first among the outputs.
  for (var k = 1u; k <= ${taps}u; k++) {
    let o = seen_by(i1, ${taps}u - k);
    if (o >= 0) {
      let at = i0 * ${outputs}u + u32(o);
      if (b1[at] == i32(i1)) { sum += b0[at]; }
    }
  }
  b2[e] = sum;`,
    }),
  );
};

/** The products of a convolution; b0 and b1 are the operands of the row, in its order. */
function convolution(
  of: (
    g: Geometry,
    sizes: Record<'images' | 'channels' | 'outs' | 'taps' | 'plane' | 'outputs', number>,
  ) => Omit<ImplicitProduct, 'from' | 'into'> | undefined,
  sizesOf: (
    inputs: readonly { shape: readonly number[] }[],
  ) => Record<'images' | 'channels' | 'outs', number>,
): Twin {
  return ({ inputs, outputs: [out], params }) => {
    const g = params as Geometry;
    const { images, channels, outs } = sizesOf(inputs);
    const [taps, plane, outputs] = [sizeOf(g.kernel), sizeOf(g.extents), sizeOf(g.output)];
    const product = of(g, { images, channels, outs, taps, plane, outputs });
    if (product === undefined || product.k === 0) return undefined;
    const space = new ScratchSpace();
    const operands = inputs.map((node) => reads(node));
    const dispatches = implicitProduct({ ...product, from: operands, into: writes(out) }, space);
    return { dispatches, scratchBytes: space.bytes };
  };
}

/** y[image, o] = Σ w[o, c, tap] x[image, c, seen]: a column for each output of all images. */
export const convolveTwin = convolution(
  (g, { images, channels, outs, taps, plane, outputs }) => ({
    ...{ m: outs, n: images * outputs, k: channels * taps },
    declared: `${seen(g)}
fn image_at(k: u32, j: u32) -> f32 {
  let at = seen(j % ${outputs}u, k % ${taps}u);
  if (at < 0) { return 0.0; }
  return b0[(j / ${outputs}u * ${channels}u + k / ${taps}u) * ${plane}u + u32(at)];
}`,
    left: (i, k) => `b1[${i} * ${channels * taps}u + ${k}]`,
    right: (k, j) => `image_at(${k}, ${j})`,
    place: (i, j) => `(${j} / ${outputs}u * ${outs}u + ${i}) * ${outputs}u + ${j} % ${outputs}u`,
  }),
  ([x, w]) => ({ images: x.shape[0], channels: x.shape[1], outs: w.shape[0] }),
);

/** x[image, c] = Σ w[o, c, tap] y[image, o, seen by]: a column for each element of all images. */
export const convolveInputTwin = convolution(
  (g, { images, channels, outs, taps, plane, outputs }) =>
    isSeenOnce(g)
      ? {
          ...{ m: channels, n: images * plane, k: outs * taps },
          declared: `${seenBy(g)}
fn output_at(k: u32, j: u32) -> f32 {
  let at = seen_by(j % ${plane}u, k % ${taps}u);
  if (at < 0) { return 0.0; }
  return b0[(j / ${plane}u * ${outs}u + k / ${taps}u) * ${outputs}u + u32(at)];
}`,
          left: (i, k) => `b1[(${k} / ${taps}u * ${channels}u + ${i}) * ${taps}u + ${k} % ${taps}u]`,
          right: (k, j) => `output_at(${k}, ${j})`,
          place: (i, j) => `(${j} / ${plane}u * ${channels}u + ${i}) * ${plane}u + ${j} % ${plane}u`,
        }
      : undefined,
  ([y, w]) => ({ images: y.shape[0], channels: w.shape[1], outs: w.shape[0] }),
);

/** w[o, c, tap] = Σ y[image, o] x[image, c, seen]: the sum goes over the outputs of all images. */
export const convolveWeightTwin = convolution(
  (g, { images, channels, outs, taps, plane, outputs }) => ({
    ...{ m: outs, n: channels * taps, k: images * outputs },
    declared: `${seen(g)}
fn image_at(k: u32, j: u32) -> f32 {
  let at = seen(k % ${outputs}u, j % ${taps}u);
  if (at < 0) { return 0.0; }
  return b1[(k / ${outputs}u * ${channels}u + j / ${taps}u) * ${plane}u + u32(at)];
}`,
    left: (i, k) => `b0[(${k} / ${outputs}u * ${outs}u + ${i}) * ${outputs}u + ${k} % ${outputs}u]`,
    right: (k, j) => `image_at(${k}, ${j})`,
    place: (i, j) => `${i} * ${channels * taps}u + ${j}`,
  }),
  ([y, x]) => ({ images: y.shape[0], channels: x.shape[1], outs: y.shape[1] }),
);
