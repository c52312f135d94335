// Mini-batches: rows of a tree of tensors with equal first extents, in order, shuffled, or drawn with replacement.

import { checkCount, checkFlag } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { isDetached, viewName } from '../../core/kind.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGenerator, type Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { allocate, type Tensor, viewOf } from '../../core/tensor.js';
import { flatten, type Tree, unflatten } from '../../core/tree.js';
import { untracedTree } from '../../ops/untraced.js';

/** Options of `batches`. */
export interface BatchesOptions {
  /** Rows per batch. */
  size: number;
  /** Takes the rows in random order, a different one in every pass; default: in their order. */
  shuffle?: Generator;
  /** With `shuffle`: draws rows independently, so that one may occur twice; default false. */
  replacement?: boolean;
  /** Drops a last batch that is smaller than the others; default false. */
  dropLast?: boolean;
  /** true: every batch has its own tensors, which the caller owns; false (default): the same tensors, overwritten. */
  copy?: boolean;
  /** The rows to use; default all. */
  rows?: ArrayLike<number>;
}

const BATCHES_OPTIONS: OptionNames<BatchesOptions> = {
  size: true,
  shuffle: true,
  replacement: true,
  dropLast: true,
  copy: true,
  rows: true,
};

/** Mini-batches of data; every pass through it is an epoch. */
export interface Batches<T> extends Iterable<T> {
  /** Batches in a pass. */
  readonly length: number;
}

/** The number of rows of a tree: the first extent of all its tensors. */
export function rowsOf(name: string, data: Tree): number {
  const { leaves } = flatten(data, name);
  if (leaves.length === 0)
    throw new ArgumentError(`${name}: data must be a tensor or a tree of tensors, got ${describe(data)}`);
  const [first] = leaves;
  for (const leaf of leaves) {
    if (leaf.ndim === 0 || leaf.shape[0] !== first.shape[0])
      throw new ShapeError(
        `${name}: the tensors of data must have the same first extent, got ${show(first.shape)} and ${show(leaf.shape)}`,
      );
  }
  return first.shape[0];
}

/**
 * Mini-batches of a tree of tensors, whose rows (first axis) belong together. By default every batch of a pass consists
 * of the same tensors, overwritten, so that a step allocates nothing; they are freed when the loop ends, even by
 * `break` or an error. With `replacement`, batches are independent and uniform, the unbiased estimate of section 1.2.4
 * of the dissertation; a pass has as many batches, all full, as are needed to hold all rows.
 * @returns an object that can be iterated any number of times; `length` is the number of batches in a pass.
 * @throws ArgumentError for invalid options or rows out of range, ShapeError for different first extents.
 * @example
 * const epoch = nn.batches({ x, y }, { size: 32, shuffle: random(1) });
 * for (const { x, y } of epoch) train(x, y);
 */
export function batches<T>(data: T, options: BatchesOptions): Batches<T> {
  return batchesFor('batches', data, options);
}

/** The same for internal use; `name` is the function in messages. */
export function batchesFor<T>(name: string, data: T, options: BatchesOptions): Batches<T> {
  checkOptions(name, options, BATCHES_OPTIONS);
  const { size, shuffle, replacement = false, dropLast = false, copy = false } = options;
  checkCount(name, 'size', size, 1);
  for (const [argument, flag] of Object.entries({ replacement, dropLast, copy }))
    checkFlag(name, argument, flag);
  if (shuffle !== undefined) checkGenerator(name, 'shuffle', shuffle);
  if (replacement && shuffle === undefined)
    throw new ArgumentError(`${name}: replacement needs a generator, got none (give shuffle: random(seed))`);
  untracedTree(name, 'data', data, 'use slice or take, or pass stopGradient(x)');
  const total = rowsOf(name, data);
  const rows = options.rows === undefined ? undefined : checkedRows(name, options.rows, total);
  const n = rows?.length ?? total;
  const width = Math.min(size, n);
  const count = n === 0 ? 0 : dropLast ? Math.floor(n / size) : Math.ceil(n / size);

  function* pass(): Pass<T> {
    const { leaves, structure } = flatten(data);
    const order = replacement ? undefined : orderOf(n, shuffle);
    const like = (extent: number) =>
      scope(() =>
        leaves.map(({ shape, dtype }) => allocate(Object.freeze([extent, ...shape.slice(1)]), dtype, name)),
      );
    const fill = (buffers: Tensor[], from: number, here: number) => {
      const drawn = order === undefined ? taken((shuffle as Generator).integers([here], 0, n)) : undefined;
      const at = (i: number) => {
        const row = drawn === undefined ? (order as Int32Array)[from + i] : drawn[i];
        return rows === undefined ? row : rows[row];
      };
      for (const [i, leaf] of leaves.entries()) gather(leaf, buffers[i], here, at);
      return buffers;
    };
    let buffers: Tensor[] | undefined;
    try {
      for (let batch = 0; batch < count; batch++) {
        const from = batch * width;
        const here = replacement ? width : Math.min(width, n - from);
        if (copy) {
          yield unflatten(
            structure,
            scope(() => fill(like(here), from, here)),
          ) as T;
          continue;
        }
        fill((buffers ??= like(width)), from, here);
        // A full batch is the buffers themselves, a smaller one views of them.
        const parts =
          here === width
            ? buffers
            : buffers.map((b) => viewOf(b, Object.freeze([here, ...b.shape.slice(1)])));
        try {
          yield unflatten(structure, parts) as T;
        } finally {
          if (parts !== buffers) for (const part of parts) part.dispose();
        }
      }
    } finally {
      for (const buffer of buffers ?? []) buffer.dispose();
    }
  }
  return { length: count, [Symbol.iterator]: pass };
}

type Pass<T> = globalThis.Generator<T, void, undefined>;

/** The rows of a pass. */
function orderOf(n: number, shuffle: Generator | undefined): Int32Array {
  return shuffle === undefined ? Int32Array.from({ length: n }, (_, i) => i) : taken(shuffle.permutation(n));
}

/** The numbers of a tensor, which is then freed. */
function taken(list: Tensor): Int32Array {
  const numbers = list.toTypedArray() as Int32Array;
  list.dispose();
  return numbers;
}

/** to[i] := from[at(i)] for the first rows of `to`. */
function gather(from: Tensor, to: Tensor, rows: number, at: (i: number) => number): void {
  const width = (to.size / to.shape[0]) * bytesPerElement(to.dtype);
  const [source, target] = [from.address, to.address];
  const bytes = new Uint8Array(to.data().buffer);
  for (let i = 0; i < rows; i++) {
    const start = source + at(i) * width;
    bytes.copyWithin(target + i * width, start, start + width);
  }
}

function checkedRows(name: string, rows: ArrayLike<number>, total: number): Int32Array {
  const isRows = Array.isArray(rows) || (viewName(rows) ?? 'DataView') !== 'DataView';
  if (!isRows || (ArrayBuffer.isView(rows) && isDetached(rows.buffer)))
    throw new ArgumentError(`${name}: rows must be an array of whole numbers, got ${describe(rows)}`);
  return Int32Array.from(rows, (row) => {
    if (!Number.isInteger(row) || row < 0 || row >= total)
      throw new ArgumentError(
        `${name}: rows must be whole numbers from 0 to ${total - 1}, got ${describe(row)}`,
      );
    return row;
  });
}
