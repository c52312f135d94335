// Iterative solvers as rows: A x = b by a method in JavaScript, with derivatives by the implicit function theorem,
// A dx = db - dA x, each of which takes one more solve.
import { jvp } from '../../autodiff/jvp.js';
import { primalOf } from '../../autodiff/primal.js';
import { vjp } from '../../autodiff/vjp.js';
import { closureOf } from '../../compiler/closure.js';
import type { Graph } from '../../compiler/graph.js';
import { Symbolic } from '../../compiler/symbolic.js';
import { zeros } from '../../core/create.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { neg, sub } from '../../ops/arithmetic.js';
import { equal } from '../../ops/compare.js';
import { stack } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { isTransforming } from '../../ops/level.js';
import { matmul } from '../../ops/matmul.js';
import { applyAll, type Derivative, type Linearization, type Op, type TensorSpec } from '../../ops/op.js';
import { slice } from '../../ops/slice.js';
import { isKnown, UnknownValueError } from '../../ops/tracer.js';
import { assign } from '../blas/tensors.js';
import { asColumn, symmetrized, transposed } from '../rules/matrix.js';
import { type IterativeOptions, type IterativeResult, statusAt, statusIndex } from './krylov.js';
import type { LinearOperator } from './operator.js';

interface Options extends IterativeOptions {
  preconditioner?: LinearOperator;
}

type Method<O> = (A: LinearOperator, b: Tensor, options: O) => IterativeResult;

/** How a solver uses its operator. */
export interface MethodTraits {
  /** Whether A counts as symmetric. */
  readonly symmetric: boolean;
  /** Whether a function gets all right sides at once, or one column at a time. */
  readonly allColumns?: boolean;
}

/** An operator among the inputs of the row: a matrix, or a function as a graph with its captured tensors. */
interface Staged {
  readonly inputs: readonly Tensor[];
  /** The operator for other values of the inputs; `later` if it must run after its surroundings are gone. */
  with(values: readonly Tensor[], later: boolean): LinearOperator;
  readonly graph?: Graph;
}

/** The operator with its captured tensors as inputs; functions that read values are left as they are. */
function staged(name: string, operator: LinearOperator, spec: TensorSpec): Staged {
  if (operator instanceof Tensor) return { inputs: [operator], with: ([matrix]) => matrix };
  const plain = { inputs: [], with: () => operator };
  if (typeof operator !== 'function') return plain;
  try {
    const { graph, captures } = closureOf(name, operator, [spec]);
    try {
      checkProductSpec(name, graph, spec);
    } catch (error) {
      graph.dispose();
      throw error;
    }
    const isOwn = captures.length > 0;
    return {
      inputs: captures,
      with: (values, later) => (isOwn || later ? (x) => graph.evaluate([x, ...values])[0] : operator),
      graph,
    };
  } catch (error) {
    if (error instanceof UnknownValueError) return plain;
    throw error;
  }
}

function checkProductSpec(name: string, { outputs }: Graph, { shape, dtype }: TensorSpec): void {
  if (outputs.length !== 1) throw new ArgumentError(`${name}: A must give back a tensor, got a tree`);
  const [got] = outputs;
  if (!sameShape(got.shape, shape))
    throw new ShapeError(`${name}: A must give back shape ${show(shape)}, got ${show(got.shape)}`);
  if (got.dtype !== dtype) throw new DTypeError(`${name}: A must give back ${dtype}, got ${got.dtype}`);
}

/** A x, column by column where the operator takes one at a time. */
function product(A: LinearOperator, x: Tensor, allColumns: boolean): Tensor {
  if (A instanceof Tensor) return matmul(A, x);
  if (x.ndim === 1 || allColumns) return A(x);
  const [n, k] = x.shape;
  const column = (j: number) => reshape(slice(x, [0, j], [n, j + 1]), [n]);
  return stack(
    Array.from({ length: k }, (_, j) => A(column(j))),
    1,
  );
}

/** The transpose of an operator on vectors of this spec. */
function transposeOf(A: LinearOperator, spec: TensorSpec): LinearOperator {
  if (A instanceof Tensor) return transposed(A);
  // The function is linear, so its derivative at 0 is the function itself.
  return (y) => scope(() => vjp(A, zeros(spec.shape, { dtype: spec.dtype })).pullback(y)[0]);
}

/**
 * The result of `method` (`run` on values) as a row of the graph, with derivatives in b, in A, and in what a function A
 * captures, if a transformation traces one of them; undefined otherwise. Inside `compile` and `trace` the figures of
 * the result are scalar tensors.
 */
export function implicitly<O extends Options>(
  name: string,
  method: Method<O>,
  run: Method<O>,
  A: LinearOperator,
  b: Tensor,
  options: O,
  traits: MethodTraits,
): IterativeResult | undefined {
  if (!isTransforming() || !(b instanceof Tensor)) return undefined;
  const { symmetric, allColumns = false } = traits;
  const { x0, preconditioner } = options;
  const spec = allColumns ? b : { shape: b.shape.slice(0, 1), dtype: b.dtype };
  const operator = staged(name, A, spec);
  let conditioner: Staged | undefined;
  try {
    conditioner = preconditioner && staged(name, preconditioner, spec);
  } catch (error) {
    operator.graph?.dispose();
    throw error;
  }
  const graphs = [operator.graph, conditioner?.graph].flatMap((graph) => graph ?? []);
  const parts = [operator.inputs, conditioner?.inputs ?? [], x0 === undefined ? [] : [x0]];
  const inputs = [b, ...parts.flat()];
  if (inputs.every(isKnown)) {
    for (const graph of graphs) graph.dispose();
    return undefined;
  }
  const later = inputs.some((x) => !isKnown(primalOf(x)));
  const [end, last] = [1 + parts[0].length, 1 + parts[0].length + parts[1].length];
  /** The arguments of the method for these inputs. */
  const at = (values: readonly Tensor[]) => ({
    A: operator.with(values.slice(1, end), later),
    preconditioner: conditioner?.with(values.slice(end, last), later),
    x0: values[last],
  });
  const solve = ({ inputs: values }: Linearization<undefined>, side: Tensor, transpose: boolean): Tensor => {
    const { A: forward, preconditioner: given } = at(values);
    const again = { ...options, x0: undefined, preconditioner: given };
    if (symmetric || !transpose) return method(forward, side, again).x;
    const turned = given instanceof Tensor ? transposed(given) : undefined;
    return method(transposeOf(forward, spec), side, { ...again, preconditioner: turned }).x;
  };
  const op: Op = {
    name,
    bodies: graphs,
    shape: ([side]) => [
      { shape: side.shape, dtype: side.dtype },
      { shape: [], dtype: 'i32' },
      { shape: [], dtype: 'f64' },
      { shape: [], dtype: 'i32' },
    ],
    prepare:
      ([x, iterations, residual, status], values) =>
      () =>
        scope(() => {
          const { A: forward, ...rest } = at(values);
          const found = run(forward, values[0], { ...options, ...rest });
          assign(found.x, x);
          iterations.data()[0] = found.iterations;
          residual.data()[0] = found.residual;
          status.data()[0] = statusIndex(found.status);
        }),
    jvp([tb, ...tangents], point) {
      const along = tangents.slice(0, end - 1);
      const moved = movement(point, along);
      const side = moved && tb ? sub(tb, moved) : (tb ?? (moved && neg(moved)));
      return [side && solve(point, side, false), undefined, undefined, undefined];
    },
    vjp([ct], point) {
      const results: Derivative[] = point.inputs.map(() => undefined);
      if (ct === undefined) return results;
      const back = solve(point, ct, true);
      results[0] = back;
      movedBack(point, back).forEach((result, i) => {
        results[1 + i] = result;
      });
      return results;
    },
  };
  /** dA x for tangents of the operator's inputs. */
  function movement(
    { inputs: values, outputs: [x] }: Linearization<undefined>,
    tangents: readonly Derivative[],
  ) {
    const wanted = tangents.flatMap((t, i) => (t === undefined ? [] : [i]));
    if (wanted.length === 0) return undefined;
    if (A instanceof Tensor) {
      const da = tangents[0] as Tensor;
      return matmul(symmetric ? symmetrized(da) : da, x);
    }
    return jvp(
      (...some: Tensor[]) =>
        product(operator.with(replaced(values.slice(1, end), wanted, some), later), x, allColumns),
      wanted.map((i) => values[1 + i]),
      wanted.map((i) => tangents[i]),
    ).tangent as Tensor;
  }
  /** Cotangents of the operator's inputs for those of b. */
  function movedBack(
    { inputs: values, outputs: [x], wanted }: Linearization<undefined>,
    back: Tensor,
  ): Derivative[] {
    const parts = values.slice(1, end);
    const real = parts.flatMap(({ dtype }, i) => (wanted[1 + i] && dtype !== 'i32' ? [i] : []));
    if (real.length === 0) return [];
    if (A instanceof Tensor) {
      const columns = (y: Tensor) => (y.ndim === 1 ? asColumn(y) : y);
      const da = neg(matmul(columns(back), columns(x), { transposeB: true }));
      return [symmetric ? symmetrized(da) : da];
    }
    const { pullback } = vjp(
      (...some: Tensor[]) => product(operator.with(replaced(parts, real, some), later), x, allColumns),
      ...real.map((i) => parts[i]),
    );
    const results: Derivative[] = parts.map(() => undefined);
    pullback(neg(back)).forEach((result: Tensor, k: number) => {
      results[real[k]] = result;
    });
    return results;
  }
  try {
    const [x, iterations, residual, status] = applyAll(op, inputs, undefined);
    return resultOf(name, x, iterations, residual, status);
  } finally {
    for (const graph of graphs) graph.dispose();
  }
}

/** The list with some of its tensors replaced. */
function replaced(list: readonly Tensor[], at: readonly number[], by: readonly Tensor[]): Tensor[] {
  const all = [...list];
  at.forEach((position, i) => {
    all[position] = by[i];
  });
  return all;
}

/** The figures as numbers if they are known, else as scalar tensors. */
function resultOf(
  name: string,
  x: Tensor,
  iterations: Tensor,
  residual: Tensor,
  status: Tensor,
): IterativeResult {
  if (!(status instanceof Symbolic)) {
    const reason = statusAt(status.item());
    const numbers = { iterations: iterations.item(), residual: primalOf(residual).item() };
    return { x, ...numbers, converged: reason === 'converged', status: reason };
  }
  const figures = { x, iterations, residual, converged: equal(status, 0) };
  return Object.defineProperty(figures, 'status', {
    enumerable: false,
    get() {
      throw new UnknownValueError(
        `${name}: status is known when the solver has run, which it has not inside compile and trace`,
      );
    },
  }) as unknown as IterativeResult;
}
