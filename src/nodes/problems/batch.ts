// The arguments of a node: last axes are one problem, all axes before them a batch. Batch axes broadcast, so that an
// argument that several problems share gets the sum of their gradients.
import { full } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import type { DType } from '../../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { broadcastShapes, type Shape, sameShape, show, sizeOf } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat, type Float } from '../../linalg/stack.js';
import { reshape } from '../../ops/layout.js';
import { broadcastTo } from '../../ops/sum.js';

/** A tensor, or a number, which is a constant of the dtype of the tensors beside it. */
export type NodeArgument = Tensor | number;

/** An argument and the axes of one problem: letters for extents that arguments share, or numbers. */
export type ArgumentAxes = readonly [value: NodeArgument, ...axes: readonly (string | number)[]];

/** A batch of problems. */
export interface Batch<K extends string = string> {
  readonly name: string;
  readonly dtype: Float;
  /** The batch axes, broadcast; and the number of problems. */
  readonly shape: Shape;
  readonly count: number;
  /** The extents that letters stand for. */
  readonly sizes: Readonly<Record<string, number>>;
  /** The arguments, each of shape [count, ...axes of one problem]. */
  readonly parts: Readonly<Record<K, Tensor>>;
}

/**
 * The batch that the arguments make up. The first axes that use a letter say its extent.
 * @throws ArgumentError, ShapeError or DTypeError, which name the argument.
 */
export function batchOf<K extends string>(
  name: string,
  given: Readonly<Record<K, ArgumentAxes | undefined>>,
): Batch<K> {
  const entries = (Object.entries(given) as [K, ArgumentAxes | undefined][]).filter(
    (entry): entry is [K, ArgumentAxes] => entry[1] !== undefined,
  );
  const dtype = commonDType(name, entries);
  const sizes: Record<string, number> = {};
  let shape: Shape = [];
  const parts = entries.map(([argument, given]) => {
    const [, ...axes] = given;
    const x = asTensor(name, argument, given, dtype);
    const own = extentsOf(name, argument, x, axes, sizes);
    const around = x.shape.slice(0, x.ndim - own.length);
    shape = broadcast(name, argument, shape, around);
    return { argument, x, own };
  });
  const count = sizeOf(shape);
  const whole = parts.map(({ argument, x, own }) => [argument, flatten(x, shape, own)]);
  return { name, dtype, shape, count, sizes, parts: Object.fromEntries(whole) };
}

/** The results of a batch of problems [count, ...], with the batch's own axes. */
export function withBatchAxes(y: Tensor, { shape }: Batch): Tensor {
  return reshape(y, [...shape, ...y.shape.slice(1)]);
}

/** ' (problem 2 of 5)', or nothing for a single problem. */
export function problemText({ shape, count }: Pick<Batch, 'shape' | 'count'>, problem: number): string {
  return shape.length > 0 ? ` (problem ${problem} of ${count})` : '';
}

/**
 * Checks an argument of shape [count, ...] entry by entry.
 * @param isRight says which entries are allowed, and `wanted` says it in words.
 * @throws ArgumentError with the entry and its position.
 */
export function checkEntries(
  batch: Pick<Batch, 'name' | 'shape' | 'count'>,
  argument: string,
  x: Tensor,
  isRight: (value: number) => boolean = Number.isFinite,
  wanted = 'finite',
): void {
  const data = x.data();
  for (let i = 0; i < data.length; i++) {
    if (isRight(data[i])) continue;
    const size = data.length / batch.count;
    const at = indicesOf(i % size, x.shape.slice(1));
    const where = at.length > 0 ? ` at [${at.join(', ')}]` : '';
    throw new ArgumentError(
      `${batch.name}: ${argument} must be ${wanted}, got ${data[i]}${where}${problemText(batch, Math.floor(i / size))}`,
    );
  }
}

function indicesOf(position: number, shape: Shape): number[] {
  const at: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return at;
}

function commonDType(name: string, entries: readonly (readonly [string, ArgumentAxes])[]): Float {
  let first: { argument: string; dtype: DType } | undefined;
  for (const [argument, [value]] of entries) {
    if (!(value instanceof Tensor)) continue;
    const { dtype } = checkFloat(name, argument, value);
    first ??= { argument, dtype };
    if (dtype !== first.dtype)
      throw new DTypeError(
        `${name}: ${argument} must have the dtype of ${first.argument}, ${first.dtype}, got ${dtype} (convert with astype)`,
      );
  }
  return (first?.dtype ?? 'f64') as Float;
}

function asTensor(name: string, argument: string, [value, ...axes]: ArgumentAxes, dtype: Float): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === 'number') return full([], value, { dtype });
  const kinds = axes.length === 0 ? 'a number or a tensor' : 'a tensor';
  throw new ArgumentError(`${name}: ${argument} must be ${kinds}, got ${describe(value)}`);
}

/** The extents of one problem; notes those of new letters. */
function extentsOf(
  name: string,
  argument: string,
  { shape }: Tensor,
  axes: readonly (string | number)[],
  sizes: Record<string, number>,
): Shape {
  const own = shape.slice(shape.length - axes.length);
  const fits =
    shape.length >= axes.length &&
    axes.every((axis, i) => {
      if (typeof axis === 'string') sizes[axis] ??= own[i];
      return own[i] === (typeof axis === 'string' ? sizes[axis] : axis);
    });
  if (fits) return own;
  const wanted = axes.map((axis) => sizes[axis] ?? axis).join(', ');
  const form = axes.join(', ') === wanted ? '' : `, ${`[..., ${wanted}]`} here`;
  throw new ShapeError(
    `${name}: ${argument} must have shape [..., ${axes.join(', ')}]${form}, got ${show(shape)}`,
  );
}

function broadcast(name: string, argument: string, a: Shape, b: Shape): Shape {
  try {
    return broadcastShapes(name, a, b);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(
      `${name}: the batch axes of ${argument}, ${show(b)}, do not broadcast with those of the other arguments, ${show(a)}`,
    );
  }
}

function flatten(x: Tensor, batch: Shape, own: Shape): Tensor {
  const shape = [...batch, ...own];
  const whole = sameShape(x.shape, shape) ? x : broadcastTo(x, shape);
  return reshape(whole, [sizeOf(batch), ...own]);
}
