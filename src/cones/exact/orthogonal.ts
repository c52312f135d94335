// The part of a vector that is orthogonal to the lineality space, up to a positive factor. With independent rows M of the smaller of the two spaces and
// G = M Mᵀ: Mᵀ G⁻¹ M x for the rows of the constraints, x - Mᵀ G⁻¹ M x for the lineality space.
import { basisOf } from './basis.js';
import { dot, gcd, primitive } from './integers.js';

/** What a basis says about lineality. */
interface Spaces {
  readonly columns: readonly number[];
  readonly spanning: readonly bigint[][];
  readonly lineality: readonly bigint[][];
}

/** From a vector given in `columns`, the others being 0, its primitive multiple less its part in the lineality space. */
export function orthogonalTo(
  { columns, spanning, lineality }: Spaces,
  dimension: number,
): (x: bigint[]) => bigint[] {
  if (lineality.length === 0) return (x) => x;
  // Vectors of the lineality space have as many times more digits as there are rows that span the other.
  const isLineality = lineality.length * lineality.length < spanning.length;
  const rows = (isLineality ? lineality : spanning).map(sparse);
  const given = (isLineality ? lineality : spanning).map((row) => columns.map((j) => row[j]));
  const { inverse, scale } = inverseOf(isLineality ? lineality : spanning);
  return (x) => {
    const products = given.map((row) => dot(row, x));
    const sum = new Array<bigint>(dimension).fill(0n);
    if (isLineality) columns.forEach((j, k) => void (sum[j] = x[k] * scale));
    rows.forEach((row, k) => {
      const weight = isLineality ? -dot(inverse[k], products) : dot(inverse[k], products);
      if (weight !== 0n) for (const [j, value] of row) sum[j] += weight * value;
    });
    return primitive(sum);
  };
}

const sparse = (row: readonly bigint[]): [number, bigint][] =>
  row.flatMap((value, j) => (value === 0n ? [] : [[j, value] as [number, bigint]]));

/** scale · G⁻¹ in integers, with a positive scale. */
function inverseOf(rows: readonly bigint[][]): { inverse: bigint[][]; scale: bigint } {
  const gram = rows.map((a) => rows.map((b) => dot(a, b)));
  const order = rows.map((_, k) => k);
  // G r_k = -s_k e_k.
  const { rays } = basisOf([], gram, order, rows.length);
  const factors = rays.map((ray, k) => -dot(gram[k], ray));
  const scale = factors.reduce((all, factor) => (all * factor) / gcd(all, factor), 1n);
  return { inverse: rays.map((ray, k) => ray.map((x) => (-x * scale) / factors[k])), scale };
}
