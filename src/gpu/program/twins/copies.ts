// Rows that move elements: copies between two layouts of one index space, on bits, so that NaN keeps its own.
import type { GraphNode } from '../../../compiler/node.js';
import { broadcastStrides, mergeAxes, sizeOf, stridesOf } from '../../../core/shape.js';
import { diagonalOf } from '../../../ops/diagonal.js';
import type { PadParams } from '../../../ops/pad.js';
import { type SliceParams, sliceLayout } from '../../../ops/slice.js';
import {
  filled,
  offset,
  type ProgramDispatch,
  perElement,
  positions,
  type Runs,
  reads,
  runsOf,
  writes,
} from '../shader.js';
import type { Twin } from '../twin.js';

/** out[to + Σ i s] = x[from + Σ i t] for all i within the extents; strides are [s, t]. */
export function stridedCopy(
  [out, to]: readonly [GraphNode, number],
  [x, from]: readonly [GraphNode, number],
  extents: readonly number[],
  strides: readonly [readonly number[], readonly number[]],
): ProgramDispatch {
  const layout = mergeAxes(extents, strides);
  const [ours, theirs] = layout.strides;
  return perElement(sizeOf(extents), {
    bindings: [reads(x, 'u32'), writes(out, 'u32')],
    body: `${positions('e', layout.extents, 'i')}
  b1[${offset(ours, 'i', to)}] = b0[${offset(theirs, 'i', from)}];`,
  });
}

/** The whole value in its order: reshapes that are no views, and copies. */
export const plainCopy: Twin = ({ inputs: [x], outputs: [out] }) =>
  runsOf(stridedCopy([out, 0], [x, 0], [out.size], [[1], [1]]));

export const transposeTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axes } = params as { axes: readonly number[] };
  const from = stridesOf(x.shape);
  return runsOf(
    stridedCopy([out, 0], [x, 0], out.shape, [stridesOf(out.shape), axes.map((axis) => from[axis])]),
  );
};

export const broadcastTwin: Twin = ({ inputs: [x], outputs: [out] }) =>
  runsOf(
    stridedCopy([out, 0], [x, 0], out.shape, [stridesOf(out.shape), broadcastStrides(x.shape, out.shape)]),
  );

export const sliceTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { dense, strides, from } = sliceLayout(out.shape, x.shape, params as SliceParams);
  return runsOf(stridedCopy([out, 0], [x, from], out.shape, [dense, strides]));
};

/** Zeros, and the operand among them. */
function amongZeros(out: GraphNode, x: GraphNode, copy: () => ProgramDispatch): Runs {
  return x.size === 0 ? runsOf(filled(out)) : runsOf(filled(out), copy());
}

export const unsliceTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { dense, strides, from } = sliceLayout(x.shape, out.shape, params as SliceParams);
  return amongZeros(out, x, () => stridedCopy([out, from], [x, 0], x.shape, [strides, dense]));
};

export const flipTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axes } = params as { axes: readonly number[] };
  const own = stridesOf(x.shape);
  const from = axes.reduce((sum, axis) => sum + (x.shape[axis] - 1) * own[axis], 0);
  const backwards = own.map((stride, i) => (axes.includes(i) ? -stride : stride));
  return runsOf(stridedCopy([out, 0], [x, from], x.shape, [own, backwards]));
};

export const rollTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axis, shift } = params as { axis: number; shift: number };
  const inner = sizeOf(x.shape.slice(axis + 1));
  const n = x.shape[axis];
  const extents = [sizeOf(x.shape.slice(0, axis)), n, inner];
  return runsOf(
    perElement(x.size, {
      bindings: [reads(x, 'u32'), writes(out, 'u32')],
      body: `${positions('e', extents, 'i')}
  b1[e] = b0[(i0 * ${n}u + (i1 + ${n - shift}u) % ${n}u) * ${inner}u + i2];`,
    }),
  );
};

/** The parts of a value along an axis, beside each other in memory: where each begins, and its extent. */
function partsAlong(axis: number, parts: readonly GraphNode[]): { part: GraphNode; at: number }[] {
  let at = 0;
  return parts.map((part) => {
    const place = { part, at };
    at += sizeOf(part.shape.slice(axis));
    return place;
  });
}

export const concatTwin: Twin = ({ inputs, outputs: [out], params }) => {
  const { axis } = params as { axis: number };
  const count = sizeOf(out.shape.slice(0, axis));
  const pitch = sizeOf(out.shape.slice(axis));
  return runsOf(
    ...partsAlong(axis, inputs)
      .filter(({ part }) => part.size > 0)
      .map(({ part, at }) => {
        const block = part.size / count;
        const strides = [
          [pitch, 1],
          [block, 1],
        ] as const;
        return stridedCopy([out, at], [part, 0], [count, block], strides);
      }),
  );
};

export const splitTwin: Twin = ({ inputs: [x], outputs, params }) => {
  const { axis } = params as { axis: number };
  const count = sizeOf(x.shape.slice(0, axis));
  const pitch = sizeOf(x.shape.slice(axis));
  return runsOf(
    ...partsAlong(axis, outputs)
      .filter(({ part }) => part.size > 0)
      .map(({ part, at }) => {
        const block = part.size / count;
        const strides = [
          [block, 1],
          [pitch, 1],
        ] as const;
        return stridedCopy([part, 0], [x, at], [count, block], strides);
      }),
  );
};

/** What lies on one side of a diagonal; zeros on the other. */
function triangle(upper: boolean): Twin {
  return ({ inputs: [x], outputs: [out], params }) => {
    const { k } = params as { k: number };
    const extents = [x.size / sizeOf(x.shape.slice(-2)), ...x.shape.slice(-2)];
    const kept = upper ? `>= ${k}` : `<= ${k}`;
    return runsOf(
      perElement(x.size, {
        bindings: [reads(x, 'u32'), writes(out, 'u32')],
        body: `${positions('e', extents, 'i')}
  b1[e] = select(0u, b0[e], i32(i2) - i32(i1) ${kept});`,
      }),
    );
  };
}

export const trilTwin = triangle(false);
export const triuTwin = triangle(true);

export const diagonalTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { from, strides } = diagonalOf(x.shape, (params as { offset: number }).offset);
  return runsOf(stridedCopy([out, 0], [x, from], out.shape, [stridesOf(out.shape), strides]));
};

export const embedTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { from, strides } = diagonalOf(out.shape, (params as { offset: number }).offset);
  return amongZeros(out, x, () => stridedCopy([out, from], [x, 0], x.shape, [strides, stridesOf(x.shape)]));
};

/** Statements that turn a position on a padded axis into one on the axis itself: `p` is redefined. */
function unpadded(mode: PadParams['mode'], p: string, n: number): string {
  if (mode === 'edge') return `  ${p} = clamp(${p}, 0, ${n - 1});`;
  if (mode === 'periodic') return `  ${p} = ((${p} % ${n}) + ${n}) % ${n};`;
  if (n === 1) return `  ${p} = 0;`;
  const period = 2 * (n - 1);
  return `  ${p} = abs(${p}) % ${period};\n  ${p} = select(${period} - ${p}, ${p}, ${p} < ${n});`;
}

export const padTwin: Twin = ({ inputs: [x, value], outputs: [out], params }) => {
  const { widths, mode } = params as PadParams;
  const own = stridesOf(x.shape);
  const axes = [...out.shape.keys()];
  const lines = [positions('e', out.shape, 'i')];
  for (const axis of axes) lines.push(`  var p${axis} = i32(i${axis}) - ${widths[axis][0]};`);
  if (mode !== 'constant') {
    for (const axis of axes) lines.push(unpadded(mode, `p${axis}`, x.shape[axis]));
    lines.push(`  b1[e] = b0[${offset(own, 'p')}];`);
    return runsOf(
      perElement(out.size, { bindings: [reads(x, 'u32'), writes(out, 'u32')], body: lines.join('\n') }),
    );
  }
  const around = value === undefined ? '0u' : 'b1[0]';
  const given = value === undefined ? [] : [reads(value, 'u32')];
  if (x.size === 0) {
    const body = `  b${given.length}[e] = ${around.replace('b1', 'b0')};`;
    return runsOf(perElement(out.size, { bindings: [...given, writes(out, 'u32')], body }));
  }
  const inside = axes.map((axis) => `p${axis} >= 0 && p${axis} < ${x.shape[axis]}`).join(' && ') || 'true';
  lines.push(`  var v = ${around};\n  if (${inside}) { v = b0[${offset(own, 'p')}]; }`);
  lines.push(`  b${1 + given.length}[e] = v;`);
  const bindings = [reads(x, 'u32'), ...given, writes(out, 'u32')];
  return runsOf(perElement(out.size, { bindings, body: lines.join('\n') }));
};

/** Each dtype to itself, and integers to floats. */
export const castTwin: Twin = (call, adapter) => {
  const {
    inputs: [x],
    outputs: [out],
  } = call;
  if (x.dtype === out.dtype) return plainCopy(call, adapter);
  if (x.dtype !== 'i32') return undefined;
  return runsOf(perElement(x.size, { bindings: [reads(x), writes(out)], body: '  b1[e] = f32(b0[e]);' }));
};
