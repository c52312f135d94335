// {x | A x <= b, E x = e} as arguments: tensors or nested arrays, brought to f64.

import { checkObject } from '../../core/check.js';
import { tensor, zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { show } from '../../core/shape.js';
import { type NestedArray, Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { astype } from '../../ops/cast.js';
import type { Equalities } from '../vertex-enumeration.js';

const EQUALITIES: OptionNames<Equalities> = { A: true, b: true };

/** The parts of a polyhedron, f64: A [m, d], b [m], E [k, d], e [k]. */
export interface Parts {
  A: Tensor;
  b: Tensor;
  E: Tensor;
  e: Tensor;
}

/** An f64 tensor of `axes` axes. */
export function numbersOf(name: string, argument: string, value: unknown, axes: number): Tensor {
  const made =
    value instanceof Tensor ? checkFloat(name, argument, value) : fromNested(name, argument, value);
  if (made.ndim !== axes)
    throw new ShapeError(
      `${name}: ${argument} must be a ${axes === 1 ? 'vector' : 'matrix'}, got ${show(made.shape)}`,
    );
  return made.dtype === 'f64' ? made : astype(made, 'f64');
}

function fromNested(name: string, argument: string, value: unknown): Tensor {
  if (!Array.isArray(value))
    throw new ArgumentError(
      `${name}: ${argument} must be a tensor or a nested array, got ${describe(value)}`,
    );
  try {
    return tensor(value as NestedArray);
  } catch (error) {
    if (error instanceof ShapeError) throw new ShapeError(renamed(name, argument, error));
    if (error instanceof ArgumentError) throw new ArgumentError(renamed(name, argument, error));
    throw error;
  }
}

/** The message of `tensor` under the name of the function whose argument it makes. */
function renamed(name: string, argument: string, { message }: Error): string {
  return `${name}: ${argument} ${message.replace(/^tensor: /, 'must be numbers: ')}`;
}

/** Reads and checks the parts; their values are not looked at. Tensors that it makes belong to the scope around. */
export function partsOf(
  name: string,
  A: unknown,
  b: unknown,
  equalities: unknown,
  { bName = 'b' }: { bName?: string } = {},
): Parts {
  const matrix = numbersOf(name, 'A', A, 2);
  const [m, d] = matrix.shape;
  const side = b === undefined ? zeros([m]) : numbersOf(name, bName, b, 1);
  if (side.size !== m)
    throw new ShapeError(
      `${name}: ${bName} must be [${m}] for A ${show(matrix.shape)}, got ${show(side.shape)}`,
    );
  if (equalities === undefined) return { A: matrix, b: side, E: zeros([0, d]), e: zeros([0]) };
  const { A: E, b: e } = equalitiesOf(name, equalities);
  const rows = numbersOf(name, 'equalities.A', E, 2);
  if (rows.shape[1] !== d)
    throw new ShapeError(
      `${name}: equalities.A must have ${d} columns as A ${show(matrix.shape)}, got ${show(rows.shape)}`,
    );
  const [k] = rows.shape;
  const values = e === undefined ? zeros([k]) : numbersOf(name, 'equalities.b', e, 1);
  if (values.size !== k)
    throw new ShapeError(
      `${name}: equalities.b must be [${k}] for equalities.A ${show(rows.shape)}, got ${show(values.shape)}`,
    );
  return { A: matrix, b: side, E: rows, e: values };
}

/** { A, b }, or A alone. */
function equalitiesOf(name: string, equalities: unknown): { A: unknown; b?: unknown } {
  if (equalities instanceof Tensor || Array.isArray(equalities)) return { A: equalities };
  checkObject(name, 'equalities', equalities);
  checkOptions(name, equalities, EQUALITIES, 'equalities');
  return equalities as Equalities;
}

/** Checks that all entries are finite; `values` may be a view. */
export function checkFiniteEntries(
  name: string,
  argument: string,
  { data, shape }: { data: Float64Array; shape: readonly number[] },
): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const at = shape.length === 1 ? `${i}` : `${Math.floor(i / shape[1])}, ${i % shape[1]}`;
    throw new ArgumentError(`${name}: ${argument} must be finite, got ${data[i]} at [${at}]`);
  }
}
