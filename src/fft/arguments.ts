// The arguments of transforms: axes and extents.
import { checkArray, checkCount } from '../core/check.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkAxis, type Shape, show } from '../core/shape.js';

/** An axis counted from the front, and how many numbers are transformed along it. */
export interface Along {
  readonly axis: number;
  readonly n: number;
}

/** The axis of a transform; `extent` says how many numbers there are without `n`. */
export function alongOne(
  name: string,
  shape: Shape,
  axis: unknown,
  n: unknown,
  extent: (entries: number) => number = (entries) => entries,
): Along {
  if (shape.length === 0) throw new ShapeError(`${name}: a transform needs an axis, got a scalar (shape [])`);
  const at = checkAxis(name, axis, shape.length);
  if (n !== undefined) checkCount(name, 'n', n, 1);
  const count = (n as number | undefined) ?? extent(shape[at]);
  if (count < 1 || shape[at] === 0)
    throw new ShapeError(`${name}: axis ${at} of shape ${show(shape)} has no numbers to transform`);
  return { axis: at, n: count };
}

/** The axes of a transform along several, in the order in which they are named; without axes all, or with s the last ones. */
export function alongSeveral(
  name: string,
  shape: Shape,
  axes: unknown,
  s: unknown,
  extent: (entries: number) => number = (entries) => entries,
): Along[] {
  if (s !== undefined) checkArray(name, 's', s);
  if (axes !== undefined) checkArray(name, 'axes', axes);
  const extents = s as readonly unknown[] | undefined;
  const count = (axes as readonly unknown[] | undefined)?.length ?? extents?.length ?? shape.length;
  const named =
    (axes as readonly unknown[] | undefined) ?? Array.from({ length: count }, (_, k) => k - count);
  if (named.length === 0) throw new ArgumentError(`${name}: a transform needs at least one axis, got none`);
  if (extents !== undefined && extents.length !== named.length)
    throw new ArgumentError(
      `${name}: s must have a number for each of the ${named.length} axes, got ${extents.length}`,
    );
  extents?.forEach((n, k) => {
    checkCount(name, `s[${k}]`, n, 1);
  });
  const last = named.length - 1;
  const along = named.map((axis, k) =>
    alongOne(name, shape, axis, extents?.[k], k === last ? extent : undefined),
  );
  along.forEach(({ axis }, k) => {
    if (along.findIndex((other) => other.axis === axis) !== k)
      throw new ArgumentError(`${name}: axis ${axis} is named twice`);
  });
  return along;
}
