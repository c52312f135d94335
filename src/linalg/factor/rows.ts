// The rows of a kind of factorization. The factors are tensors: outputs of one row and inputs of the others, so that a
// tape retains them and a plan computes them in every run. The first input of the other rows is A itself if a
// derivative in A is needed, else the packed factors; only its shape is read.
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { mul, neg } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Linearization, type Op, type TensorSpec } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { prepareSolve, type SolvePiece, sidesOf } from '../dense/right-sides.js';
import { asMatrix, inner, symmetrized, transposed } from '../rules/matrix.js';
import { systemRow } from '../rules/system.js';
import { type Stack, squareOf } from '../stack.js';
import {
  addressesOf,
  checkRegular,
  type Factorization,
  FORMS,
  partSpecs,
  prepareFactor,
  type Verb,
} from './verbs.js';

/** The function that errors name. */
interface User {
  user: string;
}

/** Whether to solve Aᵀ X = b. */
export interface SolveWithParams extends User {
  transpose: boolean;
}

/** Which quantity of the determinant. */
interface DeterminantParams extends User {
  form: keyof typeof FORMS;
}

/** The rows of one kind. */
export interface FactorRows {
  /** The parts, then norms for `rcond`, from A. It has no derivatives: the rows below take theirs with respect to A. */
  factor: Op<User>;
  /** X with A X = b, or Aᵀ X = b, from A, b and the parts. */
  solve: Op<SolveWithParams>;
  /** The other methods, from A and the parts; `rcond` also from the norms. */
  inverse: Op<User>;
  reconstruct: Op<User>;
  determinant: Op<DeterminantParams>;
  rcond: Op<User>;
}

/** Sizes of the stack's matrices. */
const perMatrix = ({ batch, dtype }: Stack): TensorSpec => ({ shape: batch, dtype });

/** The rule of a row without derivatives. */
export function refuse(name: string): never {
  throw new ArgumentError(`${name}: it has no derivative (pass it stopGradient(a))`);
}

/** Prepares the kernel of a method that writes to `out`. */
function prepareVerb(
  { bytes, run }: Verb,
  out: Tensor,
  parts: readonly Tensor[],
  scratch: (bytes: number) => number,
  check?: (parts: readonly number[]) => void,
): () => void {
  const work = scratch(bytes);
  return () => {
    const addresses = addressesOf(parts);
    check?.(addresses);
    run(addresses, out.address, work);
  };
}

/** Right sides in b. */
export function columnsOf(b: TensorSpec): number {
  return b.shape.length > 1 ? b.shape[b.shape.length - 1] : 1;
}

/** Prepares x := X with A X = b, or Aᵀ X = b, with `solveBytes` of workspace at `work`; throws for a zero pivot. */
export function prepareSolveWith(
  f: Factorization,
  stack: Stack,
  x: Tensor,
  b: Tensor,
  parts: readonly Tensor[],
  { user, transpose }: SolveWithParams,
  work: number,
  space: Workspace,
): () => void {
  let addresses = addressesOf([]);
  const solveParts = f.solve(stack);
  const piecewise: SolvePiece = ({ columns }, piece, at) =>
    solveParts(addresses, x.address, columns, piece, transpose, at);
  const solve = prepareSolve(user, stack, x, b, work, piecewise, space);
  return () => {
    addresses = addressesOf(parts);
    checkRegular(user, f, stack, addresses);
    solve();
  };
}

/** Makes the rows of a kind. */
export function factorRows(f: Factorization): FactorRows {
  const stackFor = ({ user }: User, a: TensorSpec) => squareOf(user, 'a', a);
  const part = (x: Tensor) => (f.symmetric ? symmetrized(x) : x);
  const factor: Op<User> = {
    name: 'factor',
    shape([a], params) {
      const stack = stackFor(params, a);
      return [...partSpecs(f, stack), perMatrix(stack)];
    },
    prepare(outputs, [a], params, space) {
      const stack = stackFor(params, a);
      const [parts, norms] = [outputs.slice(0, -1), outputs[outputs.length - 1]];
      const norm1 = f.norms(stack);
      const work = space.scratch(Math.max(f.factorBytes(stack), norm1.bytes));
      const run = prepareFactor(params.user, f, stack, a, parts, work);
      return () => {
        norm1.run([a.address], norms.address, work);
        run();
      };
    },
  };
  const solve: FactorRows['solve'] = systemRow(
    {
      name: 'solve',
      shape([a, b], params) {
        return { shape: sidesOf(params.user, stackFor(params, a), b).shape, dtype: a.dtype };
      },
      prepare([x], [a, b, ...parts], params, space) {
        const stack = stackFor(params, a);
        const work = space.scratch(f.solveBytes(stack, columnsOf(b)));
        return prepareSolveWith(f, stack, x, b, parts, params, work, space);
      },
    },
    {
      solve: ({ inputs: [a, , ...parts], params }, b, transpose) =>
        apply(solve, [a, b, ...parts], { ...params, transpose }),
      isTransposed: ({ transpose }) => transpose,
      part,
    },
  );
  /** The inverse at the linearization point of another row. */
  const inverseAt = ({ inputs, params }: Linearization<User>) =>
    apply(inverse, inputs, { user: params.user });
  const inverse: Op<User> = {
    name: 'inverse',
    shape: ([a], params) => ({ shape: stackFor(params, a) && a.shape, dtype: a.dtype }),
    prepare([out], [a, ...parts], params, space) {
      const stack = stackFor(params, a);
      const check = (at: readonly number[]) => checkRegular(params.user, f, stack, at);
      return prepareVerb(f.inverse(stack), out, parts, (bytes) => space.scratch(bytes), check);
    },
    jvp: ([t], { outputs: [y] }) => t && neg(matmul(y, matmul(part(t), y))),
    vjp: ([ct], { outputs: [y] }) => [
      part(neg(matmul(y, matmul(ct as Tensor, y, { transposeB: true }), { transposeA: true }))),
    ],
  };
  const reconstruct: Op<User> = {
    name: 'reconstruct',
    shape: ([a], params) => ({ shape: stackFor(params, a) && a.shape, dtype: a.dtype }),
    prepare([out], [a, ...parts], params, space) {
      return prepareVerb(f.reconstruct(stackFor(params, a)), out, parts, (bytes) => space.scratch(bytes));
    },
    jvp: ([t]) => t && part(t),
    vjp: ([ct]) => [part(ct as Tensor)],
  };
  const determinant: Op<DeterminantParams> = {
    name: 'det',
    shape: ([a], params) => perMatrix(stackFor(params, a)),
    prepare([out], [a, ...parts], params, space) {
      const verb = f.determinant(stackFor(params, a), FORMS[params.form]);
      return prepareVerb(verb, out, parts, (bytes) => space.scratch(bytes));
    },
    // d ln |det A| = <A⁻ᵀ, dA>.
    jvp([t], point) {
      if (t === undefined || point.params.form === 'sign') return undefined;
      const slope = inner(transposed(inverseAt(point)), part(t));
      return point.params.form === 'log' ? slope : mul(point.outputs[0], slope);
    },
    vjp([ct], point) {
      if (point.params.form === 'sign') return [undefined];
      const weight = point.params.form === 'log' ? (ct as Tensor) : mul(ct as Tensor, point.outputs[0]);
      return [mul(asMatrix(weight), transposed(inverseAt(point)))];
    },
  };
  const rcond: Op<User> = {
    name: 'rcond',
    shape: ([a], params) => perMatrix(stackFor(params, a)),
    prepare([out], [a, ...parts], params, space) {
      return prepareVerb(f.rcond(stackFor(params, a)), out, parts, (bytes) => space.scratch(bytes));
    },
    jvp: () => refuse('rcond'),
    vjp: () => refuse('rcond'),
  };
  return { factor, solve, inverse, reconstruct, determinant, rcond };
}
