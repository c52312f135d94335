// einsum: Einstein summation in pairs of operands, each pair as one batched matrix product.
import { scope } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { mul } from './arithmetic.js';
import { diagonal } from './diagonal.js';
import { reshape, squeeze, transpose } from './layout.js';
import { matmul } from './matmul.js';
import { checkTensor, commonDType } from './op.js';
import { parseSubscripts, type Subscripts } from './subscripts.js';
import { sum } from './sum.js';

type Labels = readonly string[];

/** A tensor with a distinct label per axis. */
interface Factor {
  x: Tensor;
  labels: Labels;
}

const sameOrder = (a: Labels, b: Labels) => a.length === b.length && a.every((label, i) => label === b[i]);

/** Transposes the axes to this order. */
function ordered({ x, labels }: Factor, order: Labels): Tensor {
  if (sameOrder(labels, order)) return x;
  return transpose(
    x,
    order.map((label) => labels.indexOf(label)),
  );
}

/** An operand without its axes of extent 1 that are wider in others, because they broadcast. */
function widened(x: Tensor, labels: Labels, { extents }: Subscripts): Factor {
  const narrow = labels.flatMap((label, i) => (x.shape[i] === 1 && extents.get(label) !== 1 ? [i] : []));
  if (narrow.length === 0) return { x, labels };
  return { x: squeeze(x, narrow), labels: labels.filter((_, i) => !narrow.includes(i)) };
}

/** One operand with each label once, and without labels that are used nowhere else. */
function simplified(given: Factor, kept: ReadonlySet<string>): Factor {
  let term = given;
  for (;;) {
    const all = term.labels;
    const i = all.findIndex((label, at) => all.indexOf(label) !== at);
    if (i < 0) break;
    const first = all.indexOf(all[i]);
    const rest = all.flatMap((_, at) => (at === i || at === first ? [] : [at]));
    term = {
      x: diagonal(transpose(term.x, [...rest, first, i])),
      labels: [...rest.map((at) => all[at]), all[i]],
    };
  }
  const axis = term.labels.flatMap((label, i) => (kept.has(label) ? [] : [i]));
  if (axis.length === 0) return term;
  return { x: sum(term.x, { axis }), labels: term.labels.filter((label) => kept.has(label)) };
}

/** One way to compute a pair as a matrix product. */
interface Contraction {
  left: Factor;
  right: Factor;
  /** [batch, rows, inner, columns] as labels. */
  groups: readonly [Labels, Labels, Labels, Labels];
  /** Number of elements to be moved. */
  cost: number;
}

/** The cheapest way: the order of labels may come from either operand, and either operand may be on the left. */
function contractionOf(
  a: Factor,
  b: Factor,
  batch: Labels,
  inner: Labels,
  target: Labels | undefined,
): Contraction {
  let best: Contraction | undefined;
  for (const [left, right] of [
    [a, b],
    [b, a],
  ]) {
    const rows = left.labels.filter((label) => !right.labels.includes(label));
    const columns = right.labels.filter((label) => !left.labels.includes(label));
    for (const batchFrom of [left, right]) {
      for (const innerFrom of [left, right]) {
        const lead = batchFrom.labels.filter((label) => batch.includes(label));
        const middle = innerFrom.labels.filter((label) => inner.includes(label));
        const result = [...lead, ...rows, ...columns];
        let cost = 0;
        if (arrangement(left, lead, rows, middle) === undefined) cost += left.x.size;
        if (arrangement(right, lead, middle, columns) === undefined) cost += right.x.size;
        if (target !== undefined && !sameOrder(result, target)) cost += left.x.size + right.x.size;
        if (best === undefined || cost < best.cost)
          best = { left, right, groups: [lead, rows, middle, columns], cost };
      }
    }
  }
  return best as Contraction;
}

/** Whether a term is stored as [batch, p, q] (false), as [batch, q, p] (true), or in neither order. */
function arrangement({ labels }: Factor, batch: Labels, p: Labels, q: Labels): boolean | undefined {
  if (sameOrder(labels, [...batch, ...p, ...q])) return false;
  return sameOrder(labels, [...batch, ...q, ...p]) ? true : undefined;
}

/** The matrices [batch, p, q] of a term, or their transposes. */
function matrices(term: Factor, batch: Labels, p: Labels, q: Labels, size: (labels: Labels) => number) {
  const transposed = arrangement(term, batch, p, q) ?? false;
  const x = transposed ? term.x : ordered(term, [...batch, ...p, ...q]);
  const shape = transposed ? [size(q), size(p)] : [size(p), size(q)];
  return { x: reshape(x, batch.length > 0 ? [size(batch), ...shape] : shape), transposed };
}

/** Both operands broadcast to the axes `order` and multiplied element by element. */
function elementwise(a: Factor, b: Factor, order: Labels): Tensor {
  const [left, right] = [a, b].map((term) => {
    const own = ordered(
      term,
      order.filter((label) => term.labels.includes(label)),
    );
    let axis = 0;
    return reshape(
      own,
      order.map((label) => (term.labels.includes(label) ? own.shape[axis++] : 1)),
    );
  });
  return mul(left, right);
}

/** The product of two terms, summed over the labels that are used nowhere else. */
function contract(
  a: Factor,
  b: Factor,
  kept: ReadonlySet<string>,
  { extents, output }: Subscripts,
  last: boolean,
): Factor {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const batch = both.filter((label) => kept.has(label));
  const inner = both.filter((label) => !kept.has(label));
  const free = [...a.labels, ...b.labels].filter((label) => !both.includes(label));
  // No sum, only sums, or integers, for which there is no matrix-product kernel.
  if (inner.length === 0 || (free.length === 0 && batch.length > 0) || a.x.dtype === 'i32') {
    const labels = last ? output : [...batch, ...free];
    const terms = elementwise(a, b, [...labels, ...inner]);
    const axis = inner.map((_, i) => labels.length + i);
    return { x: axis.length > 0 ? sum(terms, { axis }) : terms, labels };
  }
  const { left, right, groups } = contractionOf(a, b, batch, inner, last ? output : undefined);
  const [lead, rows, middle, columns] = groups;
  const size = (labels: Labels) => sizeOf(labels.map((label) => extents.get(label) as number));
  const p = matrices(left, lead, rows, middle, size);
  const q = matrices(right, lead, middle, columns, size);
  const product = matmul(p.x, q.x, { transposeA: p.transposed, transposeB: q.transposed });
  const labels = [...lead, ...rows, ...columns];
  return {
    x: reshape(
      product,
      labels.map((label) => extents.get(label) as number),
    ),
    labels,
  };
}

/** Labels to keep when two of the terms are contracted: those of the output and of the other terms. */
function keptBeside(terms: readonly Factor[], a: Factor, b: Factor | undefined, output: Labels): Set<string> {
  const kept = new Set(output);
  for (const term of terms) if (term !== a && term !== b) for (const label of term.labels) kept.add(label);
  return kept;
}

/** The pair whose product adds the fewest elements; among equals the one with the fewest multiplications. */
function cheapestPair(terms: readonly Factor[], { output, extents }: Subscripts): [Factor, Factor] {
  let best: { pair: [Factor, Factor]; growth: number; work: number } | undefined;
  terms.forEach((a, i) => {
    for (const b of terms.slice(i + 1)) {
      const kept = keptBeside(terms, a, b, output);
      const labels = [...new Set([...a.labels, ...b.labels])];
      const size = (list: Labels) => sizeOf(list.map((label) => extents.get(label) as number));
      const growth = size(labels.filter((label) => kept.has(label))) - a.x.size - b.x.size;
      const work = size(labels);
      if (best === undefined || growth < best.growth || (growth === best.growth && work < best.work))
        best = { pair: [a, b], growth, work };
    }
  });
  return (best as unknown as { pair: [Factor, Factor] }).pair;
}

/**
 * Einstein summation: 'ij,jk->ik' is the matrix product. Every operand has a letter per axis. Letters that are not in
 * the output are summed over; a letter that occurs twice in an operand takes its diagonal; '...' stands for axes that
 * need no letter. An axis of extent 1 broadcasts to the extent that its letter has in other operands, and without '->'
 * the output has the letters that occur once, in alphabetical order, both as in NumPy. More than two operands are
 * multiplied in pairs, the pair with the smallest result first; each pair is one batched matrix product.
 * @param spec the subscripts; blanks are allowed.
 * @param xs one tensor per operand, of one dtype (i32 too: sums wrap around, and pairs are expanded before summing).
 * @returns a copy, with the output's axes.
 * @throws ArgumentError for invalid subscripts, ShapeError if they do not fit the shapes, DTypeError for mixed dtypes.
 * @example
 * einsum('ij,j->i', tensor([[1, 2], [3, 4]]), tensor([1, 1])); // [3, 7]
 * einsum('ii', tensor([[1, 2], [3, 4]])); // 5
 */
export function einsum(spec: string, ...xs: Tensor[]): Tensor {
  xs.forEach((x, i) => {
    checkTensor('einsum', `operand ${i}`, x);
  });
  const subscripts = parseSubscripts(spec, xs);
  commonDType('einsum', xs);
  const { inputs, output } = subscripts;
  return scope(() => {
    const wide = xs.map((x, i) => widened(x, inputs[i], subscripts));
    let terms = wide.map((term) => simplified(term, keptBeside(wide, term, undefined, output)));
    while (terms.length > 1) {
      const [a, b] = cheapestPair(terms, subscripts);
      const kept = keptBeside(terms, a, b, output);
      const product = contract(a, b, kept, subscripts, terms.length === 2);
      terms = [...terms.filter((term) => term !== a && term !== b), product];
    }
    const [last] = terms;
    // A single operand that was neither cut nor summed is still copied: a result never shares memory with the operand.
    if (xs.length === 1 && last.x.size === xs[0].size)
      return transpose(
        last.x,
        output.map((label) => last.labels.indexOf(label)),
      );
    return ordered(last, output);
  });
}
