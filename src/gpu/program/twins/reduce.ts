// Reductions: a thread or a workgroup for each result, which adds up in a fixed order, so that every run has the same bits.
import type { GraphNode } from '../../../compiler/node.js';
import { mergeAxes, type Shape, sizeOf, stridesOf } from '../../../core/shape.js';
import type { ReduceParams } from '../../../ops/reduce.js';
import { literal } from '../../wgsl/expressions.js';
import {
  type Binding,
  type ElementType,
  filled,
  offset,
  type ProgramDispatch,
  perElement,
  perWorkgroup,
  positions,
  reads,
  readsScratch,
  runsOf,
  ScratchSpace,
  THREADS,
  writes,
  writesScratch,
} from '../shader.js';
import type { Twin } from '../twin.js';

/** Results of up to so many terms are computed by a thread each. */
const FEW = 128;

/** Terms that a thread adds before it adds their sum to that of the others: errors grow with this and with their number. */
const BLOCK = 64;

/** Terms of a thread that are worth a slice, and workgroups that keep a device busy. */
const DEEP = 32;
const WORKGROUPS = 256;

/** How a reduction goes: texts of WGSL. */
export interface Reduction {
  /** The type of contributions; those of two numbers are never cut into slices. */
  readonly type: ElementType | 'vec2<i32>';
  readonly start: string;
  /** What an element contributes; `v` is its value, `o` the number of the result. */
  term?(v: string): string;
  /** Two contributions as one. */
  join(a: string, b: string): string;
  /** The result of all. */
  finish?(all: string): string;
  readonly needs: readonly string[];
  /** Functions of its own. */
  readonly declared?: string;
  /** Whether sums of blocks are kept apart from the sum of these, against the growth of errors. */
  readonly inBlocks?: boolean;
}

/** What is reduced: the axes that stay, and those that do not, with the strides of the operand. */
export interface Axes {
  readonly outer: { readonly extents: readonly number[]; readonly strides: readonly number[] };
  readonly inner: { readonly extents: readonly number[]; readonly strides: readonly number[] };
  readonly count: number;
  readonly terms: number;
}

/** The index spaces of a reduction of `shape` over axes. */
export function axesOf(shape: Shape, axes: readonly number[]): Axes {
  const own = stridesOf(shape);
  const part = (list: readonly number[]) => {
    const { extents, strides } = mergeAxes(
      list.map((axis) => shape[axis]),
      [list.map((axis) => own[axis])],
    );
    return { extents, strides: strides[0] };
  };
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const size = (list: readonly number[]) => sizeOf(list.map((axis) => shape[axis]));
  return { outer: part(kept), inner: part(axes), count: size(kept), terms: size(axes) };
}

/** `let` of the place in the operand where result `number` begins: `at`. */
export function beginningOf({ outer }: Axes, number: string): string {
  return `${positions(number, outer.extents, 'i')}\n  let at = ${offset(outer.strides, 'i')};`;
}

/** The place of term `r` after `at`. */
export function termAt({ inner }: Axes, r: string): { before: string; at: string } {
  if (inner.extents.length === 0) return { before: '', at: 'at' };
  if (inner.extents.length === 1) {
    const [stride] = inner.strides;
    return { before: '', at: stride === 1 ? `at + i32(${r})` : `at + i32(${r}) * ${stride}` };
  }
  return { before: positions(r, inner.extents, 'j'), at: `at + ${offset(inner.strides, 'j')}` };
}

/** A loop over terms from `first` in steps of `step` that leaves what they contribute in `all`. */
function loop(
  reduction: Reduction,
  axes: Axes,
  source: string,
  [first, step, end]: readonly [string, number, string],
): string {
  const { type, start, term = (v: string) => v, join, inBlocks } = reduction;
  const { before, at } = termAt(axes, 'r');
  const body = `${before}\n    let v = ${source}[${at}];`;
  if (inBlocks !== true)
    return `  var all: ${type} = ${start};
  for (var r = ${first}; r < ${end}; r += ${step}u) {
  ${body}
    all = ${join('all', term('v'))};
  }`;
  return `  var all: ${type} = ${start};
  for (var begin = ${first}; begin < ${end}; begin += ${step * BLOCK}u) {
    var part: ${type} = ${start};
    let to = min(${end}, begin + ${step * BLOCK}u);
    for (var r = begin; r < to; r += ${step}u) {
  ${body}
      part = ${join('part', term('v'))};
    }
    all = ${join('all', 'part')};
  }`;
}

/** Adds up what the threads of a workgroup have: thread 0 has all of it then. */
function gathered({ join }: Reduction): string {
  return `  shared_parts[thread] = all;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { shared_parts[thread] = ${join('shared_parts[thread]', 'shared_parts[thread + half]')}; }
  }`;
}

/**
 * A reduction of `x` over axes.
 * @param from the operand, with as many elements as `shape` has.
 * @param others arrays that `term` may read as b1, b2, …, with one element for each result, number `o`.
 * @param into arrays for the results, which `keep` writes: statements for the result `all` of number `o`.
 */
export function reduction(
  reduction: Reduction,
  axes: Axes,
  parts: {
    readonly from: Binding;
    readonly others?: readonly Binding[];
    readonly into: readonly Binding[];
    /** Statements that keep `value`; by default `into[0][o] = value`. */
    keep?(value: string, into: readonly string[]): string;
  },
  space: ScratchSpace,
): ProgramDispatch[] {
  const { type, finish = (all: string) => all, needs, start, join, declared: own = '' } = reduction;
  const { from, others = [], into } = parts;
  const { count, terms } = axes;
  const given = [from, ...others];
  const keep = (value: string, names: readonly string[]): string =>
    parts.keep?.(value, names) ?? `  ${names[0]}[o] = ${value};`;
  const namesFrom = (first: number) => into.map((_, i) => `b${first + i}`);
  const kept = (first: number) => keep(finish('all'), namesFrom(first));
  if (terms <= FEW || count >= WORKGROUPS * THREADS) {
    const body = `  let o = e;
${beginningOf(axes, 'o')}
${loop(reduction, axes, 'b0', ['0u', 1, `${terms}u`])}
${kept(given.length)}`;
    return [perElement(count, { bindings: [...given, ...into], needs, declared: own, body })];
  }
  const declared = `${own}
var<workgroup> shared_parts: array<${type}, ${THREADS}>;`;
  const slices =
    type === 'vec2<i32>' ? 1 : Math.min(Math.ceil(terms / (THREADS * DEEP)), Math.ceil(WORKGROUPS / count));
  const slice = Math.ceil(terms / slices);
  const body = (result: string) => `  let o = e / ${slices}u;
  let first = (e % ${slices}u) * ${slice}u;
  let last = min(${terms}u, first + ${slice}u);
${beginningOf(axes, 'o')}
${loop(reduction, axes, 'b0', ['first + thread', THREADS, 'last'])}
${gathered(reduction)}
  if (thread == 0u) {
    let all = shared_parts[0];
  ${result}
  }`;
  if (slices === 1)
    return [
      perWorkgroup(count, { bindings: [...given, ...into], needs, declared, body: body(kept(given.length)) }),
    ];
  const partial = space.take(count * slices);
  const first = perWorkgroup(count * slices, {
    bindings: [...given, writesScratch(partial, type as ElementType)],
    ...{ needs, declared, body: body(`b${given.length}[e] = all;`) },
  });
  // The results of the slices, in their order.
  const second = perElement(count, {
    bindings: [readsScratch(partial, type as ElementType), ...others, ...into],
    ...{ needs, declared: own },
    body: `  let o = e;
  var all: ${type} = ${start};
  for (var r = 0u; r < ${slices}u; r++) { all = ${join('all', `b0[o * ${slices}u + r]`)}; }
${kept(given.length)}`,
  });
  return [first, second];
}

const sumOf = (type: 'f32' | 'i32'): Reduction => ({
  type,
  start: type === 'f32' ? '0.0' : '0',
  join: (a, b) => `(${a} + ${b})`,
  needs: [],
  inBlocks: type === 'f32',
});

/** Σ term(v), in f32. */
export function total(term?: (v: string) => string, needs: readonly string[] = []): Reduction {
  return { ...sumOf('f32'), ...(term && { term }), needs };
}

/** The largest (smallest) number; NaN if there is one. */
export function extreme(name: 'maximum' | 'minimum', type: 'f32' | 'i32'): Reduction {
  const isLargest = name === 'maximum';
  if (type === 'i32')
    return {
      type,
      start: isLargest ? '(-2147483647 - 1)' : '2147483647',
      join: (a, b) => `${isLargest ? 'max' : 'min'}(${a}, ${b})`,
      needs: [],
    };
  return {
    type,
    start: `infinity(${isLargest ? '0x80000000u' : '0u'})`,
    join: (a, b) => `${name}_f32(${a}, ${b})`,
    needs: [`${name}_f32`, 'infinity'],
  };
}

/** A row that reduces a float or an integer to one of its dtype. */
function reducing(
  of: (x: GraphNode, axes: Axes) => Reduction,
  empty?: { readonly value: string; readonly needs?: readonly string[] },
): Twin {
  return ({ inputs: [x], outputs: [out], params }) => {
    if (x.size === 0) return empty && runsOf(filled(out, `${out.dtype}(${empty.value})`, empty.needs));
    const axes = axesOf(x.shape, (params as ReduceParams).axes);
    const space = new ScratchSpace();
    const dispatches = reduction(of(x, axes), axes, { from: reads(x), into: [writes(out)] }, space);
    return { dispatches, scratchBytes: space.bytes };
  };
}

export const sumTwin = reducing(({ dtype }) => sumOf(dtype as 'f32' | 'i32'), { value: '0' });

/** Σ v / n. */
export function average({ terms }: Axes): Reduction {
  return { ...total(), finish: (all) => `div_f32(${all}, ${literal(terms)})`, needs: ['div_f32'] };
}

export const meanTwin = reducing((_, axes) => average(axes), {
  value: 'not_a_number()',
  needs: ['not_a_number'],
});

export const maxTwin = reducing(({ dtype }) => extreme('maximum', dtype as 'f32' | 'i32'));
export const minTwin = reducing(({ dtype }) => extreme('minimum', dtype as 'f32' | 'i32'));

export const prodTwin = reducing(
  ({ dtype }) =>
    dtype === 'f32'
      ? { type: 'f32', start: '1.0', join: (a, b) => `(${a} * ${b})`, needs: [] }
      : { type: 'i32', start: '1', join: (a, b) => `(${a} * ${b})`, needs: [] },
  { value: '1' },
);

/** The position of the first of the largest (smallest) numbers; of the first NaN if there is one. */
function indexTwin(isLargest: boolean): Twin {
  const sign = isLargest ? '' : '-';
  return reducing(({ dtype }) => {
    // An integer that orders the numbers; ~v is -1 - v, which turns the order of all integers around.
    const key =
      dtype === 'f32'
        ? (v: string) => `select(${sign}order(${v}), 2147483647, is_nan(${v}))`
        : (v: string) => (isLargest ? v : `~${v}`);
    return {
      type: 'vec2<i32>',
      start: 'vec2<i32>(-2147483647 - 1, 2147483647)',
      term: (v) => `vec2<i32>(${key(v)}, i32(r))`,
      join: (a, b) => `first_of(${a}, ${b})`,
      finish: (all) => `${all}.y`,
      needs: dtype === 'f32' ? ['order', 'is_nan'] : [],
      declared: `fn first_of(a: vec2<i32>, b: vec2<i32>) -> vec2<i32> {
  return select(b, a, a.x > b.x || (a.x == b.x && a.y <= b.y));
}`,
    };
  });
}

export const argmaxTwin = indexTwin(true);
export const argminTwin = indexTwin(false);
