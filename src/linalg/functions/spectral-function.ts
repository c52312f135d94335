// V f(Λ) Vᵀ and its derivatives of any order, which are of one form: the k-th derivative along k directions, whose own
// derivative is that of order k + 1.
import { jvp } from '../../autodiff/jvp.js';
import type { Graph } from '../../compiler/graph.js';
import { full } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul } from '../../ops/arithmetic.js';
import { concat, stack } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { apply, applyAll, type Derivative, type Op } from '../../ops/op.js';
import { orZeros } from '../../ops/rules.js';
import { stopGradient } from '../../ops/stop.js';
import { sum } from '../../ops/sum.js';
import { eighOp } from '../dense/eigh.js';
import { asRow, symmetrized } from '../rules/matrix.js';
import { submatrix } from '../rules/submatrix.js';
import { elementwiseCheckOp, spectralEndsOp, spectralNodesOp, spectralSumOp } from './spectral-rows.js';

/** A scalar function of x, element by element, with parameters. */
export type Scalar = (x: Tensor, params: readonly Tensor[]) => Tensor;

/** A function of matrices. */
interface Problem {
  /** The function that errors name. */
  readonly name: string;
  readonly f: Scalar;
  /** Graphs that f evaluates; calls hold them. */
  readonly bodies?: readonly Graph[];
}

/** Eigenvalues and eigenvectors of the matrix; constants to derivatives. */
interface Spectrum {
  readonly values: Tensor;
  readonly vectors: Tensor;
}

/** The derivative in x. */
const derivativeOf =
  (f: Scalar): Scalar =>
  (x, params) =>
    jvp((y: Tensor) => f(y, params), [x], [full(x.shape, 1, { dtype: x.dtype as 'f64' })]).tangent;

/** V f(Λ) Vᵀ, symmetric up to rounding. */
function matrixOf({ f }: Problem, { values, vectors }: Spectrum, params: readonly Tensor[]): Tensor {
  const n = values.shape[values.ndim - 1];
  const all = f(reshape(values, [values.size]), params);
  const ends = f(apply(spectralEndsOp, [values], undefined), params);
  const checked = reshape(apply(elementwiseCheckOp, [all, ends], { n }), values.shape);
  const part = (rows: Tensor) =>
    scope(() => matmul(mul(rows, asRow(checked)), vectors, { transposeB: true }));
  if (n < 128) return part(vectors);
  // A quarter of the rows at a time, to hold less.
  const starts = [0, 1, 2, 3, 4].map((i) => Math.floor((i * n) / 4));
  const parts = starts
    .slice(0, 4)
    .map((start, i) => scope(() => part(submatrix(vectors, starts[i + 1] - start, n, start))));
  return concat(parts, -2);
}

/** The derivative of V f(Λ) Vᵀ along symmetric directions. */
function derivativeAlong(
  { f }: Problem,
  { values, vectors }: Spectrum,
  directions: readonly Tensor[],
  params: readonly Tensor[],
): Tensor {
  const nodes = apply(spectralNodesOp, [values], undefined);
  const inputs = [values, f(reshape(values, [values.size]), params)];
  let derivative = f;
  for (let i = 0; i < directions.length; i++) {
    derivative = derivativeOf(derivative);
    inputs.push(derivative(nodes, params));
  }
  for (const e of directions) inputs.push(matmul(matmul(vectors, e, { transposeA: true }), vectors));
  const inside = apply(spectralSumOp, inputs, { order: directions.length });
  return matmul(matmul(vectors, inside), vectors, { transposeB: true });
}

/**
 * The derivative of V f(Λ) Vᵀ along the symmetric parts of `directions` (without any the value), with derivatives in a,
 * in the directions and in the parameters of f, each of which has this form again: as a function of a and the
 * directions it is a derivative of trace(∫f), and symmetric in all of them.
 */
export function spectralFunction(
  problem: Problem,
  a: Tensor,
  params: readonly Tensor[],
  directions: readonly Tensor[] = [],
  spectrum?: Spectrum,
): Tensor {
  const count = directions.length;
  return scope(() => {
    const { values, vectors } = spectrum ?? spectrumOf(problem.name, a);
    const fixed = params.map(stopGradient);
    const at = { values, vectors };
    const y =
      count === 0
        ? scope(() => matrixOf(problem, at, fixed))
        : derivativeAlong(
            problem,
            at,
            directions.map((e) => symmetrized(stopGradient(e))),
            fixed,
          );
    return apply(rowOf(problem, count), [y, a, values, vectors, ...directions, ...params], undefined);
  });
}

/** Eigenvalues and eigenvectors as constants. */
export function spectrumOf(name: string, a: Tensor): Spectrum {
  const [values, vectors] = applyAll(eighOp, [stopGradient(a)], { method: 'divideAndConquer', user: name });
  return { values, vectors };
}

/** The row: it returns the symmetric part of its first input, and has the derivatives of the others. */
function rowOf(problem: Problem, count: number): Op {
  const { f, bodies } = problem;
  const split = (inputs: readonly Tensor[]) => ({
    a: inputs[1],
    spectrum: { values: inputs[2], vectors: inputs[3] },
    directions: inputs.slice(4, 4 + count),
    params: inputs.slice(4 + count),
  });
  return {
    name: problem.name,
    ...(bodies && { bodies }),
    shape: ([y]) => y,
    prepare:
      ([out], [y]) =>
      () =>
        writeSymmetric(y, out),
    jvp([, ta, , , ...tangents], { inputs }) {
      const { a, spectrum, directions, params } = split(inputs);
      let total: Derivative;
      const include = (term: Tensor) => {
        total = total ? add(total, term) : term;
      };
      if (ta) include(spectralFunction(problem, a, params, [...directions, ta], spectrum));
      tangents.slice(0, count).forEach((t, i) => {
        if (t) include(spectralFunction(problem, a, params, exchanged(directions, i, t), spectrum));
      });
      const changes = tangents.slice(count);
      const at = changes.flatMap((t, i) => (t && params[i].dtype !== 'i32' ? [i] : []));
      if (at.length > 0) {
        const along = at.map((i) => orZeros(changes[i], params[i]));
        const moved = { ...problem, f: inParameters(f, params.length, at) };
        include(spectralFunction(moved, a, [...params, ...along], directions, spectrum));
      }
      return total;
    },
    vjp([ct], { inputs, wanted }) {
      const { a, spectrum, directions, params } = split(inputs);
      const c = ct as Tensor;
      const da = wanted[1] ? spectralFunction(problem, a, params, [...directions, c], spectrum) : undefined;
      const others = directions.map((_, i) =>
        wanted[4 + i]
          ? spectralFunction(problem, a, params, exchanged(directions, i, c), spectrum)
          : undefined,
      );
      const slopes = params.map((p, i): Derivative => {
        if (!wanted[4 + count + i] || p.dtype === 'i32') return undefined;
        const moved = { ...problem, f: inParameters(f, params.length, [i]) };
        const parts = Array.from({ length: sizeOf(p.shape) }, (_, entry) => {
          const along = full(p.shape, 0, { dtype: p.dtype });
          along.data()[entry] = 1;
          return sum(mul(c, spectralFunction(moved, a, [...params, along], directions, spectrum)));
        });
        return parts.length > 0 ? reshape(stack(parts, 0), p.shape) : undefined;
      });
      return [undefined, da, undefined, undefined, ...others, ...slopes];
    },
  };
}

/** out := (y + yᵀ) / 2. */
function writeSymmetric(y: Tensor, out: Tensor): void {
  const [from, to] = [y.data(), out.data()];
  const n = y.shape[y.ndim - 1];
  for (let start = 0; start < from.length; start += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const [here, there] = [start + i * n + j, start + j * n + i];
        const mean = 0.5 * (from[here] + from[there]);
        to[here] = mean;
        to[there] = mean;
      }
    }
  }
}

/** The derivative of f along a change of the parameters at these positions, which is behind the `count` parameters. */
function inParameters(f: Scalar, count: number, at: readonly number[]): Scalar {
  return (x, all) => {
    const params = all.slice(0, count);
    const whole = (some: readonly Tensor[]) => {
      const list = [...params];
      at.forEach((position, i) => void (list[position] = some[i]));
      return list;
    };
    return jvp(
      (...some: Tensor[]) => f(x, whole(some)),
      at.map((i) => params[i]),
      all.slice(count),
    ).tangent;
  };
}

/** The list with another tensor at position i. */
function exchanged(list: readonly Tensor[], i: number, by: Tensor): Tensor[] {
  return list.map((x, k) => (k === i ? by : x));
}
