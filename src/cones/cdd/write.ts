// The text of a file .ine or .ext of a polyhedron.
import { checkFlag, checkObject, checkOneOf } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import {
  checkWidth,
  type Matrix,
  type MatrixLike,
  matrixArgument,
  type VectorLike,
  vectorArgument,
} from '../arguments.js';
import { rationalOf, reduced } from '../exact/rational.js';
import { CDD_OPTIONS, type CddDescription, type CddOptions } from './read.js';

/** What `writeCdd` takes: of generators, some may be left out. */
export type WritableDescription =
  | Extract<CddDescription<MatrixLike, VectorLike>, { representation: 'H' }>
  | ({ representation: 'V' } & Partial<Record<'vertices' | 'rays' | 'lineality', MatrixLike>>);

const NAME = 'writeCdd';

/** Rows of words, and whether they are lines or equalities. */
interface Part {
  readonly rows: string[][];
  readonly isLinear: boolean;
}

/**
 * The text of a file .ine or .ext, as cddlib, lrs and ppl read it, of what `readCdd` returns. Numbers are written so that they are read as they were: integers where all are, else
 * decimals (`real`), or with `exact: true` the fractions that they are (`rational`).
 * @param description `representation: 'H'`: A [m, d], b [m], `equalities` { A, b }; 'V': `vertices`, `rays`, `lineality`, at least one.
 * @param options `exact`: fractions; descriptions may then hold bigints and strings.
 * @throws ShapeError, DTypeError, ArgumentError.
 * @example
 * cones.writeCdd({ representation: 'H', A: tensor([[1], [-1]]), b: tensor([1, 1]) }); // 'H-representation\nbegin\n 2 2 integer\n 1 -1\n 1 1\nend\n'
 */
export function writeCdd(description: WritableDescription, options: CddOptions = {}): string {
  checkOptions(NAME, options, CDD_OPTIONS);
  const { exact = false } = options;
  checkFlag(NAME, 'exact', exact);
  checkObject(NAME, 'description', description);
  checkOneOf(NAME, 'description.representation', description.representation, ['H', 'V']);
  const { parts, width } =
    description.representation === 'H' ? inequalities(description, exact) : generators(description, exact);
  const rows = parts.flatMap((part) => part.rows);
  const linear = parts
    .flatMap((part) => part.rows.map(() => part.isLinear))
    .flatMap((is, k) => (is ? [k + 1] : []));
  const isInteger = rows.every((row) => row.every((word) => /^-?\d+$/.test(word)));
  const type = isInteger ? 'integer' : exact ? 'rational' : 'real';
  return [
    `${description.representation}-representation`,
    ...(linear.length > 0 ? [`linearity ${linear.length} ${linear.join(' ')}`] : []),
    'begin',
    ` ${rows.length} ${width} ${type}`,
    ...rows.map((row) => ` ${row.join(' ')}`),
    'end',
    '',
  ].join('\n');
}

type Written = { parts: Part[]; width: number };

function inequalities(
  { A, b, equalities }: Extract<WritableDescription, { representation: 'H' }>,
  exact: boolean,
): Written {
  const rows = sides('A', A, 'b', b, exact);
  const parts = [{ rows: rows.words, isLinear: false }];
  if (equalities !== undefined) {
    checkObject(NAME, 'equalities', equalities);
    const more = sides('equalities.A', equalities.A, 'equalities.b', equalities.b, exact);
    checkWidth(NAME, 'equalities.A', more.matrix, rows.matrix.columns);
    parts.push({ rows: more.words, isLinear: true });
  }
  return { parts, width: rows.matrix.columns + 1 };
}

/** Rows b - a x >= 0. */
function sides(nameA: string, givenA: unknown, nameB: string, givenB: unknown, exact: boolean) {
  const matrix = matrixArgument(NAME, nameA, givenA, exact);
  const right = wordsOf(inVector(nameB), vectorArgument(NAME, nameB, givenB, matrix.rows, exact), exact, 1);
  return {
    matrix,
    words: wordsOf(inMatrix(nameA), matrix, exact, -1).map((words, k) => [...right[k], ...words]),
  };
}

/** Rows (1, vertex) and (0, ray). */
function generators(
  description: Extract<WritableDescription, { representation: 'V' }>,
  exact: boolean,
): Written {
  const parts: Part[] = [];
  let columns: number | undefined;
  for (const name of ['vertices', 'rays', 'lineality'] as const) {
    const given = description[name];
    if (given === undefined) continue;
    const matrix = matrixArgument(NAME, name, given, exact);
    columns ??= matrix.columns;
    checkWidth(NAME, name, matrix, columns);
    const first = name === 'vertices' ? '1' : '0';
    const rows = wordsOf(inMatrix(name), matrix, exact, 1).map((words) => [first, ...words]);
    parts.push({ rows, isLinear: name === 'lineality' });
  }
  if (columns === undefined)
    throw new ArgumentError(`${NAME}: description must have vertices, rays or lineality, got none`);
  return { parts, width: columns + 1 };
}

/** How an error names an entry. */
type Place = (i: number, j: number) => string;

const inMatrix =
  (name: string): Place =>
  (i, j) =>
    `${name}[${i}][${j}]`;

const inVector =
  (name: string): Place =>
  (i) =>
    `${name}[${i}]`;

/** The entries of a matrix, times 1 or -1. */
function wordsOf(place: Place, matrix: Matrix, exact: boolean, sign: 1 | -1): string[][] {
  return Array.from({ length: matrix.rows }, (_, i) =>
    Array.from({ length: matrix.columns }, (_unused, j) => {
      const value = matrix.entry(i, j);
      // Zeros without a sign.
      if (!exact) return String(sign * (value as number) + 0);
      const { p, q } = reduced(rationalOf(NAME, place(i, j), value));
      const signed = sign === 1 ? p : -p;
      return q === 1n ? String(signed) : `${signed}/${q}`;
    }),
  );
}
