// Rows that read or write at positions given as integers. A position out of range leaves a note, which `download` turns into an
// error; what is computed from it is a zero.
import { sizeOf } from '../../../core/shape.js';
import { type FaultText, faultOf, filled, perElement, positions, reads, runsOf, writes } from '../shader.js';
import type { Twin } from '../twin.js';

/** Terms that are looked at for each result before the results are written in order instead. */
const LOOKED_AT = 2 ** 26;

function outOfRange(name: string, extent: number): FaultText {
  return {
    text: (position) =>
      `${name}: indices must be from ${-extent} to ${extent - 1}, got one out of range at position ${position}`,
  };
}

function labelOutOfRange(classes: number): FaultText {
  return {
    text: (position) =>
      `crossEntropy: labels must be from 0 to ${classes - 1}, got one out of range at ${position}`,
  };
}

export const takeTwin: Twin = ({ inputs: [x, indices], outputs: [out], params }) => {
  const { axis } = params as { axis: number };
  const extent = x.shape[axis];
  if (extent === 0) return undefined;
  const extents = [sizeOf(x.shape.slice(0, axis)), indices.size, sizeOf(x.shape.slice(axis + 1))];
  return runsOf(
    perElement(out.size, {
      bindings: [reads(x, 'u32'), reads(indices), writes(out, 'u32'), faultOf(outOfRange('take', extent))],
      body: `${positions('e', extents, 'i')}
  var at = b1[i1];
  if (at < 0) { at += ${extent}; }
  if (at < 0 || at >= ${extent}) {
    atomicMin(&b3, i1);
    b2[e] = 0u;
    return;
  }
  b2[e] = b0[(i0 * ${extent}u + u32(at)) * ${extents[2]}u + i2];`,
    }),
  );
};

/** Each result looks for what belongs to it, in the order of the indices: there is nothing to compare and swap. */
export const scatterAddTwin: Twin = ({ inputs: [x, indices], outputs: [out], params }) => {
  const { axis, extent } = params as { axis: number; extent: number };
  const count = indices.size;
  const [outer, inner] = [sizeOf(out.shape.slice(0, axis)), sizeOf(out.shape.slice(axis + 1))];
  if (x.size === 0) return runsOf(filled(out));
  const bindings = [reads(x), reads(indices), writes(out), faultOf(outOfRange('scatterAdd', extent))];
  const index = `    var at = b1[k];
    if (at < 0) { at += ${extent}; }
    if (at < 0 || at >= ${extent}) { atomicMin(&b3, k); continue; }`;
  if (out.size * count <= LOOKED_AT)
    return runsOf(
      perElement(out.size, {
        bindings,
        body: `${positions('e', [outer, extent, inner], 'i')}
  var sum: ${x.dtype} = 0;
  for (var k = 0u; k < ${count}u; k++) {
${index}
    if (u32(at) == i1) { sum += b0[(i0 * ${count}u + k) * ${inner}u + i2]; }
  }
  b2[e] = sum;`,
      }),
    );
  // A thread has all results of one place beside the axis, and nobody else writes them.
  const add = perElement(outer * inner, {
    bindings,
    body: `${positions('e', [outer, inner], 'i')}
  for (var k = 0u; k < ${count}u; k++) {
${index}
    b2[(i0 * ${extent}u + u32(at)) * ${inner}u + i1] += b0[(i0 * ${count}u + k) * ${inner}u + i1];
  }`,
  });
  return runsOf(filled(out), add);
};

export const pickTwin: Twin = ({ inputs: [x, labels], outputs: [out] }) => {
  const classes = x.shape[1];
  return runsOf(
    perElement(out.size, {
      bindings: [reads(x, 'u32'), reads(labels), writes(out, 'u32'), faultOf(labelOutOfRange(classes))],
      body: `  let at = b1[e];
  b2[e] = 0u;
  if (at < 0 || at >= ${classes}) { atomicMin(&b3, e); return; }
  b2[e] = b0[e * ${classes}u + u32(at)];`,
    }),
  );
};

export const placeTwin: Twin = ({ inputs: [y, labels], outputs: [out], params }) => {
  const { classes } = params as { classes: number };
  return runsOf(
    perElement(out.size, {
      bindings: [reads(y, 'u32'), reads(labels), writes(out, 'u32'), faultOf(labelOutOfRange(classes))],
      body: `  let row = e / ${classes}u;
  let at = b1[row];
  if (at < 0 || at >= ${classes}) { atomicMin(&b3, row); }
  b2[e] = select(0u, b0[row], at == i32(e % ${classes}u));`,
    }),
  );
};
