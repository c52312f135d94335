// The subscripts of einsum: 'ij,jk->ik' as labels of axes.
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { TensorSpec } from './op.js';

/** Labels of the axes: letters, and under an ellipsis '.1' for the last axis, '.2' for the one before, … */
export interface Subscripts {
  inputs: readonly (readonly string[])[];
  output: readonly string[];
  extents: ReadonlyMap<string, number>;
}

const ellipsis = (axes: number): string[] => Array.from({ length: axes }, (_, i) => `.${axes - i}`);

const count = <T>(list: readonly T[], value: T): number => list.filter((x) => x === value).length;

/** Labels of one operand or of the output; its ellipsis stands for `axes` axes. */
function labelsOf(spec: string, term: string, axes: number): string[] {
  if (!/^[A-Za-z]*(\.{3})?[A-Za-z]*$/.test(term)) {
    throw new ArgumentError(
      `einsum: subscripts must be letters, and '...' at most once per operand, got '${term}' in '${spec}'`,
    );
  }
  return term.split(/(\.{3})/).flatMap((part) => (part === '...' ? ellipsis(axes) : [...part]));
}

/** One operand's labels, one per axis. */
function inputLabels(spec: string, term: string, i: number, { shape }: TensorSpec): string[] {
  const letters = labelsOf(spec, term, 0).length;
  const rest = shape.length - letters;
  if (rest < 0 || (rest > 0 && !term.includes('...'))) {
    throw new ShapeError(
      `einsum: '${term}' in '${spec}' names ${letters} axes, got operand ${i} of shape ${show(shape)}`,
    );
  }
  return labelsOf(spec, term, rest);
}

/** Resolves subscripts for operands of these shapes. */
export function parseSubscripts(spec: string, xs: readonly TensorSpec[]): Subscripts {
  if (typeof spec !== 'string')
    throw new ArgumentError(`einsum: spec must be a string, got ${describe(spec)}`);
  const sides = spec.replace(/\s/g, '').split('->');
  const terms = sides[0].split(',');
  if (sides.length > 2) throw new ArgumentError(`einsum: one '->' at most is possible, got '${spec}'`);
  if (terms.length !== xs.length) {
    throw new ArgumentError(`einsum: '${spec}' is for ${terms.length} operands, got ${xs.length}`);
  }
  const inputs = terms.map((term, i) => inputLabels(spec, term, i, xs[i]));
  const all = inputs.flat();
  const wide = ellipsis(Math.max(0, ...all.map((label) => (label[0] === '.' ? Number(label.slice(1)) : 0))));
  // Without an arrow: the axes under ellipses, then the letters that occur once, in alphabetical order.
  const output =
    sides.length === 2
      ? labelsOf(spec, sides[1], wide.length)
      : [...wide, ...all.filter((label) => label[0] !== '.' && count(all, label) === 1).sort()];
  for (const label of output) {
    if (!all.includes(label))
      throw new ArgumentError(`einsum: '${label}' of the output is in no operand, got '${spec}'`);
    if (count(output, label) > 1)
      throw new ArgumentError(`einsum: '${label}' must stand in the output once, got '${spec}'`);
  }
  return { inputs, output, extents: extentsOf(spec, inputs, xs) };
}

/** The extent of each label. Between operands extents of 1 broadcast; within one, a letter has one extent. */
function extentsOf(
  spec: string,
  inputs: readonly (readonly string[])[],
  xs: readonly TensorSpec[],
): Map<string, number> {
  const extents = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const extent = xs[i].shape[axis];
      const own = xs[i].shape[labels.indexOf(label)];
      const before = own === extent ? extents.get(label) : own;
      if (before === undefined || (own === extent && before === 1)) extents.set(label, extent);
      else if (before !== extent && (own !== extent || extent !== 1)) {
        const what = label[0] === '.' ? `axis -${label.slice(1)} of '...'` : `'${label}'`;
        throw new ShapeError(
          `einsum: ${what} must have one extent in '${spec}', or 1 in an operand, got ${before} and ${extent} in shapes ` +
            xs.map((x) => show(x.shape)).join(', '),
        );
      }
    });
  });
  return extents;
}
