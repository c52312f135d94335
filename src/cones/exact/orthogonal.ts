// The part of a vector that is orthogonal to the lineality space, up to a positive factor: P x with integers P.
import { basisOf } from './basis.js';
import { content, dot, gcd, primitive } from './integers.js';

/** What a basis says about lineality. */
interface Spaces {
  readonly columns: readonly number[];
  readonly spanning: readonly bigint[][];
  readonly lineality: readonly bigint[][];
}

/** From a vector given in `columns`, the others being 0, its primitive multiple less its part in the lineality space. */
export function orthogonalTo(spaces: Spaces, dimension: number): (x: readonly bigint[]) => bigint[] {
  const { lineality } = spaces;
  if (lineality.length === 0) return (x) => [...x];
  const matrix = projector(spaces, dimension).map(sparse);
  return (x) =>
    primitive(matrix.map((entries) => entries.reduce((sum, [j, value]) => sum + value * x[j], 0n)));
}

const sparse = (row: readonly bigint[]): [number, bigint][] =>
  row.flatMap((value, j) => (value === 0n ? [] : [[j, value] as [number, bigint]]));

/**
 * P [d, columns]: with the independent rows M of the smaller of the two spaces and G = M Mᵀ, Mᵀ G⁻¹ M for the rows of the constraints, and
 * I - Mᵀ G⁻¹ M for the lineality space; in integers without a common divisor.
 */
function projector({ columns, spanning, lineality }: Spaces, dimension: number): bigint[][] {
  const isLineality = lineality.length < spanning.length;
  const rows = isLineality ? lineality : spanning;
  const { inverse, scale } = inverseOf(rows.map((a) => rows.map((b) => dot(a, b))));
  // Column j of G⁻¹ M.
  const solved = columns.map((j) => {
    const column = rows.map((row) => row[j]);
    return inverse.map((weights) => dot(weights, column));
  });
  const matrix = Array.from({ length: dimension }, (_, i) => {
    const column = rows.map((row) => row[i]);
    return solved.map((weights, k) => {
      const inside = dot(column, weights);
      return isLineality ? (columns[k] === i ? scale : 0n) - inside : inside;
    });
  });
  const divisor = content(matrix.map(content));
  return divisor > 1n ? matrix.map((row) => row.map((x) => x / divisor)) : matrix;
}

/** scale · G⁻¹ of a regular symmetric matrix in integers, with a positive scale. */
function inverseOf(matrix: bigint[][]): { inverse: bigint[][]; scale: bigint } {
  const order = matrix.map((_, k) => k);
  // G r_k = -s_k e_k.
  const { rays } = basisOf([], matrix, order, matrix.length);
  const factors = rays.map((ray, k) => -dot(matrix[k], ray));
  const scale = factors.reduce((all, factor) => (all * factor) / gcd(all, factor), 1n);
  return { inverse: rays.map((ray, k) => ray.map((x) => (-x * scale) / factors[k])), scale };
}
