// logsumexp, softmax and its logarithm, cumulative sums, norms, moments: more than one pass over what is reduced.
import type { GraphNode } from '../../../compiler/node.js';
import { sizeOf } from '../../../core/shape.js';
import type { ReduceParams } from '../../../ops/reduce.js';
import { literal } from '../../wgsl/expressions.js';
import {
  filled,
  type ProgramDispatch,
  perElement,
  positions,
  type Runs,
  reads,
  readsScratch,
  runsOf,
  ScratchSpace,
  writes,
  writesScratch,
} from '../shader.js';
import type { Twin } from '../twin.js';
import { type Axes, average, axesOf, extreme, reduction, total } from './reduce.js';

/**
 * e^(x - m) for m, the largest of all. Where that is Infinity, each Infinity counts as one and the others as nothing; where it is
 * -Infinity, so are all, and there is no answer.
 */
const SOFT_TERM = `fn soft_term(x: f32, m: f32) -> f32 {
  let size = magnitude(m);
  if (size != 0x7f800000u) { return exp_f32(rounded(x - m)); }
  if (is_negative(m)) { return not_a_number(); }
  return select(0.0, 1.0, bitcast<u32>(x) == bitcast<u32>(m));
}`;
const TERM_NEEDS = ['exp_f32', 'magnitude', 'is_negative', 'not_a_number', 'rounded'];

/** The number of the result for element `e`: its position on the axes that stay, in their order. */
function resultOf({ shape }: GraphNode, axes: readonly number[]): string {
  let number = '0u';
  for (const [axis, extent] of shape.entries())
    if (!axes.includes(axis)) number = number === '0u' ? `i${axis}` : `(${number} * ${extent}u + i${axis})`;
  return `${positions('e', shape, 'i')}\n  let o = ${number};`;
}

/** The largest of all, and Σ e^(x - m), in scratch. */
function sums(x: GraphNode, axes: Axes, space: ScratchSpace) {
  const [largest, sum] = [space.take(axes.count), space.take(axes.count)];
  const dispatches = [
    ...reduction(extreme('maximum', 'f32'), axes, { from: reads(x), into: [writesScratch(largest)] }, space),
    ...reduction(
      { ...total((v) => `soft_term(${v}, b1[o])`, TERM_NEEDS), declared: SOFT_TERM },
      axes,
      { from: reads(x), others: [readsScratch(largest)], into: [writesScratch(sum)] },
      space,
    ),
  ];
  return { largest, sum, dispatches };
}

export const logsumexpTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  if (x.size === 0) return runsOf(filled(out, 'infinity(0x80000000u)', ['infinity']));
  const space = new ScratchSpace();
  const axes = axesOf(x.shape, (params as ReduceParams).axes);
  const { largest, sum, dispatches } = sums(x, axes, space);
  const last = perElement(out.size, {
    bindings: [readsScratch(largest), readsScratch(sum), writes(out)],
    needs: ['log_f32', 'magnitude'],
    body: `  let m = b0[e];
  b2[e] = m;
  if (magnitude(m) < 0x7f800000u) { b2[e] = m + log_f32(b1[e]); }`,
  });
  return { dispatches: [...dispatches, last], scratchBytes: space.bytes };
};

/** A row of this kind: the value of an element `x` from the largest of all, `m`, and the sum, `s`. */
function softTwin(value: string, needs: readonly string[], declared = ''): Twin {
  return ({ inputs: [x], outputs: [out], params }) => {
    const { axes } = params as { axes: readonly number[] };
    const space = new ScratchSpace();
    const { largest, sum, dispatches } = sums(x, axesOf(x.shape, axes), space);
    const last = perElement(out.size, {
      bindings: [reads(x), readsScratch(largest), readsScratch(sum), writes(out)],
      ...{ needs, declared },
      body: `${resultOf(x, axes)}
  let x = b0[e];
  let m = b1[o];
  let s = b2[o];
  b3[e] = ${value};`,
    });
    return { dispatches: [...dispatches, last], scratchBytes: space.bytes };
  };
}

export const softmaxTwin = softTwin('div_f32(soft_term(x, m), s)', ['div_f32', ...TERM_NEEDS], SOFT_TERM);

export const logSoftmaxTwin = softTwin(
  'log_share(x, m, s)',
  ['log_f32', ...TERM_NEEDS],
  `fn log_share(x: f32, m: f32, s: f32) -> f32 {
  let size = magnitude(m);
  if (size != 0x7f800000u) { return rounded(x - m) - log_f32(s); }
  if (is_negative(m)) { return not_a_number(); }
  if (bitcast<u32>(x) == bitcast<u32>(m)) { return -log_f32(s); }
  return -m;
}`,
);

/** Sums in their order, by a thread for each row. */
export const cumsumTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axes, reverse } = params as { axes: readonly number[]; reverse: boolean };
  const [axis = x.shape.length] = axes;
  const n = x.shape[axis] ?? 1;
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const r = reverse ? `${n - 1}u - k` : 'k';
  const dispatch = perElement(outer * inner, {
    bindings: [reads(x), writes(out)],
    body: `${positions('e', [outer, inner], 'i')}
  var sum: ${x.dtype} = 0;
  for (var k = 0u; k < ${n}u; k++) {
    let at = (i0 * ${n}u + ${r}) * ${inner}u + i1;
    sum += b0[at];
    b1[at] = sum;
  }`,
  });
  return runsOf(dispatch);
};

/** √Σ x², with x divided by the largest of all |x| before it is squared. */
export const normTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  if (x.size === 0) return runsOf(filled(out));
  const space = new ScratchSpace();
  const axes = axesOf(x.shape, (params as ReduceParams).axes);
  const largest = space.take(axes.count);
  const size = extreme('maximum', 'f32');
  const dispatches = [
    ...reduction(
      { ...size, start: '0.0', term: (v) => `abs_f32(${v})`, needs: [...size.needs, 'abs_f32'] },
      axes,
      { from: reads(x), into: [writesScratch(largest)] },
      space,
    ),
    ...reduction(
      {
        ...total((v) => `square_f32(div_f32(${v}, b1[o]))`, ['square_f32', 'div_f32']),
        needs: ['square_f32', 'div_f32', 'sqrt_f32', 'magnitude'],
      },
      axes,
      {
        from: reads(x),
        others: [readsScratch(largest)],
        into: [writes(out)],
        keep: (all, [y]) => `  let m = b1[o];
  ${y}[o] = m;
  if (magnitude(m) - 1u < 0x7f7fffffu) { ${y}[o] = m * sqrt_f32(${all}); }`,
      },
      space,
    ),
  ];
  return { dispatches, scratchBytes: space.bytes };
};

/** x less its mean. */
export const centreTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axes } = params as { axes: readonly number[] };
  const space = new ScratchSpace();
  const [mean, first] = means(x, axesOf(x.shape, axes), space);
  const last = perElement(x.size, {
    bindings: [reads(x), readsScratch(mean), writes(out)],
    body: `${resultOf(x, axes)}\n  b2[e] = b0[e] - b1[o];`,
  });
  return { dispatches: [...first, last], scratchBytes: space.bytes };
};

/** Means in scratch. */
function means(x: GraphNode, axes: Axes, space: ScratchSpace) {
  const mean = space.take(axes.count);
  return [
    mean,
    reduction(average(axes), axes, { from: reads(x), into: [writesScratch(mean)] }, space),
  ] as const;
}

const SQUARED = total((v) => `square_f32(${v} - b1[o])`, ['square_f32', 'div_f32']);

export const varianceTwin: Twin = ({ inputs: [x], outputs: [out], params }) => {
  const { axes: list, ddof } = params as ReduceParams & { ddof: number };
  if (x.size === 0) return undefined;
  const space = new ScratchSpace();
  const axes = axesOf(x.shape, list);
  const [mean, first] = means(x, axes, space);
  const second = reduction(
    { ...SQUARED, finish: (all) => `div_f32(${all}, ${literal(axes.terms - ddof)})` },
    axes,
    { from: reads(x), others: [readsScratch(mean)], into: [writes(out)] },
    space,
  );
  return { dispatches: [...first, ...second], scratchBytes: space.bytes };
};

/** Batch norm: (x - mean) / √(variance + ε) of each channel, the means, the variances, and the factors. */
export const standardizeTwin: Twin = ({ inputs: [x], outputs, params }): Runs | undefined => {
  if (x.size === 0) return undefined;
  const { epsilon } = params as { epsilon: number };
  const [z, centre, spread, factor] = outputs;
  const list = [...x.shape.keys()].filter((axis) => axis !== 1);
  const axes = axesOf(x.shape, list);
  const space = new ScratchSpace();
  const dispatches: ProgramDispatch[] = [
    ...reduction(average(axes), axes, { from: reads(x), into: [writes(centre)] }, space),
    ...reduction(
      {
        ...SQUARED,
        finish: (all) => `div_f32(${all}, ${literal(axes.terms)})`,
        needs: ['square_f32', 'div_f32', 'rsqrt_f32'],
      },
      axes,
      {
        from: reads(x),
        others: [reads(centre)],
        into: [writes(spread), writes(factor)],
        keep: (all, [v, f]) => `  let variance = ${all};
  ${v}[o] = variance;
  ${f}[o] = rsqrt_f32(variance + ${literal(epsilon)});`,
      },
      space,
    ),
    perElement(x.size, {
      bindings: [reads(x), reads(centre), reads(factor), writes(z)],
      body: `${resultOf(x, list)}\n  b3[e] = (b0[e] - b1[o]) * b2[o];`,
    }),
  ];
  return { dispatches, scratchBytes: space.bytes };
};
