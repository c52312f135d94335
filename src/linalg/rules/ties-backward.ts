// Where values of a spectrum are equal, their vectors are any basis of a space, and the cotangents of values and vectors
// may not determine a derivative. These rows are zeros where it is determined, and NaN where it is not; rules add them
// to what they compute without the terms that would divide by a gap.
import type { TypedArray } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { add } from '../../ops/arithmetic.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { orZeros } from '../../ops/rules.js';
import { eachSpace, largest, type Spectrum, spectra, spoil } from './spaces.js';
import { tiesForward } from './ties-forward.js';

/** Whether entries [first, end) of the vector that begins at `from` are equal up to rounding. */
function isConstant(x: TypedArray, { n, noise }: Spectrum, from: number, first: number, end: number) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = from + first; i < from + end; i++) {
    low = Math.min(low, x[i]);
    high = Math.max(high, x[i]);
  }
  return high - low <= noise * largest(x, from, n);
}

/** Whether column i of the matrices [rows, n] that begin at `from` is 0. */
function isZeroColumn(x: TypedArray, from: number, rows: number, n: number, i: number): boolean {
  for (let row = 0; row < rows; row++) if (x[from + row * n + i] !== 0) return false;
  return true;
}

/** Which cotangents there are. */
interface Given {
  values: boolean;
  left: boolean;
  right: boolean;
  /** Whether the vectors on each side span all of their space. */
  square: boolean;
  /** Singular values: two sides that turn together, and apart from each other where the value is 0. */
  singular: boolean;
}

/**
 * Row of the table: a matrix [n, n], or without vectors a vector [n]. Inputs are the values, then their cotangent, and
 * for either side with cotangents C of its vectors V first Vᵀ C [n, n] and then C [rows, n], each of them only if
 * `given` says so.
 *
 * Turning the basis of a space changes no value of a function that is well defined. So the antisymmetric part of Vᵀ C
 * (of the sum of both sides) must vanish there; else NaN. If only values were used, the derivative in the space is
 * their cotangent times the identity, which must therefore be equal for all of them; else NaN. If only vectors were
 * used, it is 0. If both were used it is a symmetric matrix, of which the cotangents say only the diagonal: in V f(Λ)
 * Vᵀ it is f'(λ) times that of the result. Then NaN, unless no vector or value of the space was used, but others were.
 */
export const tiesBackwardOp: Op<Given> = {
  name: 'ties',
  shape([{ shape, dtype }], { left, right }) {
    return { shape: left || right ? [...shape, shape[shape.length - 1]] : shape, dtype };
  },
  prepare([out], [values, ...rest], given) {
    const take = (isGiven: boolean) => (isGiven ? rest.shift() : undefined);
    const cotangent = take(given.values);
    const sides = [given.left, given.right].flatMap((isGiven) =>
      isGiven ? [{ inner: rest.shift() as Tensor, whole: rest.shift() as Tensor }] : [],
    );
    return () => {
      const to = out.data().fill(0);
      const cs = cotangent?.data();
      const parts = sides.map(({ inner, whole }) => ({
        inner: inner.data(),
        whole: whole.data(),
        rows: whole.shape[whole.ndim - 2],
      }));
      spectra(values, (spectrum, matrix) => {
        const { from, n, level, noise } = spectrum;
        const start = matrix * n * n;
        const isUsed = (first: number, end: number, side?: number): boolean => {
          for (let i = first; i < end; i++) {
            if (side === undefined && cs !== undefined && cs[from + i] !== 0) return true;
            for (let k = 0; k < parts.length; k++) {
              const { whole, rows } = parts[k];
              if ((side ?? k) === k && !isZeroColumn(whole, matrix * rows * n, rows, n, i)) return true;
            }
          }
          return false;
        };
        let size: number | undefined;
        const scale = () => {
          size ??= Math.max(0, ...parts.map(({ inner }) => largest(inner, start, n * n)));
          return size;
        };
        /** Whether a turn of the basis changes nothing: of the sides together, or of one of them. */
        const isStill = (first: number, end: number, side?: number): boolean => {
          for (let i = first; i < end; i++) {
            for (let j = first; j < i; j++) {
              let turn = 0;
              parts.forEach(({ inner }, k) => {
                if ((side ?? k) === k) turn += inner[start + i * n + j] - inner[start + j * n + i];
              });
              if (!(Math.abs(turn) <= noise * scale())) return false;
            }
          }
          return true;
        };
        eachSpace(spectrum, (first, end) => {
          const isNull = given.singular && Math.abs(spectrum.values[from + first]) <= level;
          if (end - first === 1 && (!isNull || given.square)) return;
          let isKnown: boolean;
          if (parts.length === 0) {
            if (!isConstant(cs as TypedArray, spectrum, from, first, end))
              to.fill(Number.NaN, from + first, from + end);
            return;
          }
          if (cs !== undefined) isKnown = !isUsed(first, end) && isUsed(0, n);
          else if (isNull)
            isKnown =
              parts.every((_, k) => isStill(first, end, k)) &&
              !(parts.length === 2 && isUsed(first, end, 0) && isUsed(first, end, 1));
          else isKnown = isStill(first, end);
          if (!isKnown) spoil(to, start, n, first, end);
        });
      });
    };
  },
  // What is unknown stays so. Tangents of the cotangents must pass the same test: zeros may be zeros by chance.
  jvp(tangents, { inputs, outputs: [y], params }) {
    if (tangents.slice(1).every((t) => t === undefined)) return y;
    const moved = inputs.slice(1).map((x, i) => orZeros(tangents[i + 1], x));
    return add(y, apply(tiesBackwardOp, [inputs[0], ...moved], params));
  },
  vjp([ct], { inputs, outputs: [y], params: { values, left, right, singular, square } }) {
    const sides = [left, right].flatMap((isGiven) => (isGiven ? [y, undefined] : []));
    if (sides.length === 0) return [undefined, y];
    const { turns, unknown } = tiesForward(inputs[0], ct as Tensor, singular, square);
    const inner = add(y, turns);
    return [undefined, ...(values ? [unknown] : []), ...sides.map((x) => x && inner)];
  },
};

/** The row for cotangents of a spectrum; undefined stands for those that are not there. */
export function tiesBackward(
  values: Tensor,
  cotangent: Derivative,
  sides: readonly ({ inner: Tensor; whole: Tensor } | undefined)[],
  singular: boolean,
  square = true,
): Tensor {
  const inputs = [values];
  if (cotangent) inputs.push(cotangent);
  for (const side of sides) if (side) inputs.push(side.inner, side.whole);
  const [left, right] = [sides[0] !== undefined, sides[1] !== undefined];
  return apply(tiesBackwardOp, inputs, { values: cotangent !== undefined, left, right, square, singular });
}

/**
 * Row of the table: inputs are values [n], vectors X [m, n] and Y [m, n], of whose rounding X may consist. NaN in the
 * columns of X that are not 0 although their value is, for quotients x / value; else 0.
 */
export const nullColumnsOp: Op = {
  name: 'ties',
  shape: ([, x]) => x,
  prepare([out], [values, x, y]) {
    return () => {
      const [to, from, like] = [out.data().fill(0), x.data(), y.data()];
      const rows = x.shape[x.ndim - 2];
      spectra(values, ({ values: s, from: at, n, level, noise }, matrix) => {
        const start = matrix * rows * n;
        for (let i = 0; i < n; i++) {
          if (Math.abs(s[at + i]) > level) continue;
          const scale = noise * largest(like, start, rows * n);
          let isNothing = true;
          for (let row = 0; row < rows; row++)
            if (!(Math.abs(from[start + row * n + i]) <= scale)) isNothing = false;
          for (let row = 0; row < rows && !isNothing; row++) to[start + row * n + i] = Number.NaN;
        }
      });
    };
  },
  jvp: (_, { outputs: [y] }) => y,
  vjp: (_, { outputs: [y] }) => [undefined, y, undefined],
};

/** NaN in the columns of x, which is made of numbers as large as those of `like`, that are not 0 where the value is. */
export function nullColumns(values: Tensor, x: Tensor, like: Tensor): Tensor {
  return apply(nullColumnsOp, [values, x, like], undefined);
}
