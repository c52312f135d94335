// Common zeros of two quadratic forms in three variables, for the minimal solver: the pencil h A + g B holds a pair of
// planes; in each of them the zeros are those of a form in two variables.
import type { Vector } from './quaternion.js';

/** A symmetric matrix by its entries xx, xy, xz, yy, yz, zz. */
export type Form = readonly [number, number, number, number, number, number];

/** The lines through 0 on which both forms are 0, as directions of unit length; at most four. */
export function commonZeros(A: Form, B: Form): Vector[] {
  const cofactorsA = cofactors(A);
  const cofactorsB = cofactors(B);
  const [g, h] = rootOfCubic(
    inner(cofactorsB, B) / 3,
    inner(cofactorsB, A),
    inner(cofactorsA, B),
    inner(cofactorsA, A) / 3,
  );
  const planes = planesOf(combine(h, A, g, B));
  // The other form is the one of which the pencil's member has less.
  const other = Math.abs(g) > Math.abs(h) ? A : B;
  return planes.flatMap((normal) => zerosInPlane(normal, other));
}

function combine(a: number, A: Form, b: number, B: Form): Form {
  const at = (i: number) => a * A[i] + b * B[i];
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}

function cofactors([a, b, c, d, e, f]: Form): Form {
  return [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b];
}

/** Of symmetric matrices: Σ a_ij b_ij. */
function inner(a: Form, b: Form): number {
  return a[0] * b[0] + a[3] * b[3] + a[5] * b[5] + 2 * (a[1] * b[1] + a[2] * b[2] + a[4] * b[4]);
}

/** A real zero (g : h) of p g³ + q g² h + r g h² + s h³, the larger of the two being 1. */
function rootOfCubic(p: number, q: number, r: number, s: number): [number, number] {
  return Math.abs(p) >= Math.abs(s)
    ? rootFrom(p, q, r, s)
    : (rootFrom(s, r, q, p).reverse() as [number, number]);
}

function rootFrom(p: number, q: number, r: number, s: number): [number, number] {
  if (Math.abs(p) <= 2 ** -45 * (Math.abs(q) + Math.abs(r))) return [0, 1];
  const [b, c, d] = [q / p, r / p, s / p];
  let low = -1 - Math.max(Math.abs(b), Math.abs(c), Math.abs(d));
  let high = -low;
  let x = -b / 3;
  for (let pass = 0; pass < 100; pass++) {
    const value = ((x + b) * x + c) * x + d;
    if (value === 0) break;
    if (value > 0) high = x;
    else low = x;
    const slope = (3 * x + 2 * b) * x + c;
    let next = x - value / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (next === x) break;
    const step = Math.abs(next - x);
    x = next;
    if (step <= 2 ** -51 * Math.abs(x)) break;
  }
  return Math.abs(x) > 1 ? [1, 1 / x] : [x, 1];
}

/** The normals of the two planes that a form of rank 2 is the product of; none if it is definite on its range. */
function planesOf(F: Form): Vector[] {
  const [a, b, c, d, e, f] = F;
  const trace = a + d + f;
  const [ca, , , cd, , cf] = cofactors(F);
  // The eigenvalues besides 0: x² - trace x + sum of the principal minors.
  const minors = ca + cd + cf;
  const root = Math.sqrt(Math.max(0, (trace * trace) / 4 - minors));
  const first = trace >= 0 ? trace / 2 + root : trace / 2 - root;
  const second = first === 0 ? 0 : minors / first;
  if (first === 0 || second / first > 1e-7) return [];
  const u = nullVector([a - first, b, c, d - first, e, f - first]);
  const v = nullVector([a - second, b, c, d - second, e, f - second]);
  if (u === undefined || v === undefined) return [];
  const s = Math.sqrt(Math.max(0, -second / first));
  return [
    [u[0] + s * v[0], u[1] + s * v[1], u[2] + s * v[2]],
    [u[0] - s * v[0], u[1] - s * v[1], u[2] - s * v[2]],
  ];
}

/** The unit vector that a symmetric matrix of rank 2 maps to 0. */
function nullVector(F: Form): Vector | undefined {
  const [a, b, c, d, e, f] = cofactors(F);
  const column = Math.max(Math.abs(a), Math.abs(d), Math.abs(f));
  if (Math.abs(a) === column) return unit([a, b, c]);
  return Math.abs(d) === column ? unit([b, d, e]) : unit([c, e, f]);
}

function unit([x, y, z]: Vector): Vector | undefined {
  const length = Math.sqrt(x * x + y * y + z * z);
  return length > 0 ? [x / length, y / length, z / length] : undefined;
}

export function cross([a, b, c]: Vector, [d, e, f]: Vector): Vector {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

/** The zeros of a form in the plane with this normal. */
function zerosInPlane(normal: Vector, F: Form): Vector[] {
  const [x, y, z] = [Math.abs(normal[0]), Math.abs(normal[1]), Math.abs(normal[2])];
  const axis: Vector = x <= y && x <= z ? [1, 0, 0] : y <= z ? [0, 1, 0] : [0, 0, 1];
  const p = unit(cross(normal, axis));
  if (p === undefined) return [];
  const q = unit(cross(normal, p));
  if (q === undefined) return [];
  // α s² + 2 β s t + γ t² for s p + t q.
  const [alpha, beta, gamma] = [value(F, p, p), value(F, p, q), value(F, q, q)];
  const discriminant = beta * beta - alpha * gamma;
  const size = beta * beta + Math.abs(alpha * gamma);
  if (!(discriminant >= -1e-7 * size)) return [];
  const root = Math.sqrt(Math.max(0, discriminant));
  const larger = beta >= 0 ? -beta - root : -beta + root;
  const directions = [
    [larger, alpha],
    [gamma, larger],
  ];
  return directions.flatMap(([s, t]) => {
    const found = unit([s * p[0] + t * q[0], s * p[1] + t * q[1], s * p[2] + t * q[2]]);
    return found === undefined ? [] : [found];
  });
}

function value([a, b, c, d, e, f]: Form, u: Vector, v: Vector): number {
  return (
    u[0] * (a * v[0] + b * v[1] + c * v[2]) +
    u[1] * (b * v[0] + d * v[1] + e * v[2]) +
    u[2] * (c * v[0] + e * v[1] + f * v[2])
  );
}
