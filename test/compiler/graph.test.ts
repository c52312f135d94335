// Graphs: what is noted, how it reads, and that it runs and is differentiated like the function.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  cos,
  customVjp,
  type DifferentiableGraph,
  DisposedError,
  DTypeError,
  div,
  exp,
  grad,
  greater,
  jvp,
  matmul,
  memory,
  mul,
  neg,
  reshape,
  ShapeError,
  scope,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  transpose,
  vjp,
  where,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

/** Figure 5 of the dissertation: sin(x1) cos(x2) exp(x1 x2). */
const figure = (a: Tensor, b: Tensor) => mul(mul(sin(a), cos(b)), exp(mul(a, b)));

/** Frees what `body` makes, graphs too, and checks that nothing stays. */
function clean(body: (own: (graph: DifferentiableGraph) => DifferentiableGraph) => void): void {
  const before = memory();
  scope(() => {
    const graphs: DifferentiableGraph[] = [];
    body((graph) => {
      graphs.push(graph);
      return graph;
    });
    for (const graph of graphs) graph.dispose();
  });
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
}

test('a graph prints one line per operation', () =>
  clean((own) => {
    const graph = own(trace(figure, { shape: [] }, tensor(2)));
    assert.is(
      graph.toString(),
      [
        '%0 = input : f64[]',
        '%1 = input : f64[]',
        '%2 = sin %0 : f64[]',
        '%3 = cos %1 : f64[]',
        '%4 = mul %2 %3 : f64[]',
        '%5 = mul %0 %1 : f64[]',
        '%6 = exp %5 : f64[]',
        '%7 = mul %4 %6 : f64[]',
        'return %7',
      ].join('\n'),
    );
    const other = own(
      trace((x: { w: Tensor }) => ({ s: [sum(add(x.w, 2), { axis: 0 })] }), {
        w: { shape: [2, 3], dtype: 'f32' },
      }),
    );
    assert.is(
      other.toString(),
      '%0 = input : f32[2, 3]\n%1 = constant 2 : f32[]\n%2 = add %0 %1 : f32[2, 3]\n' +
        '%3 = sum %2 {axes: [0], keepDims: false} : f32[3]\nreturn {s:[%3]}',
    );
  }));

test('nodes stand after what they read, and say what they are', () =>
  clean((own) => {
    const graph = own(trace((x: Tensor) => grad((z: Tensor) => sum(mul(tanh(z), 3)))(x), tensor([1, 2])));
    graph.nodes.forEach((node, i) => {
      assert.is(node.id, i);
      for (const input of node.inputs) assert.ok(input.id < i);
    });
    assert.equal(new Set(graph.nodes.map((node) => node.kind)), new Set(['input', 'constant', 'operation']));
    assert.equal(
      graph.outputs.map(({ shape, dtype, op }) => [shape, dtype, op]),
      [[[2], 'f64', 'mulAlong']],
    );
    const reduced = own(trace((x: Tensor) => sum(x, { axis: 1 }), { shape: [2, 3] }));
    assert.equal(reduced.nodes[1].params, { axes: [1], keepDims: false });
    assert.equal([reduced.nodes[1].op, reduced.nodes[1].output, reduced.inputs[0].id], ['sum', 0, 0]);
  }));

test('the flow chart has a box of its own kind for every value, and an arrow for every operand', () =>
  clean((own) => {
    const graph = own(
      trace((x: Tensor, p: { b: Tensor }) => [mul(figure(x, p.b), 2), sin(x)], tensor([1]), { b: tensor(2) }),
    );
    const chart = graph.toMermaid();
    assert.match(
      chart,
      /^flowchart TD\n {2}n0\(\["x1<br\/>\[1\]"\]\):::input\n {2}n1\(\["x2\.b"\]\):::input\n/,
    );
    assert.match(chart, /n\d+\["2"\]:::constant/);
    assert.match(chart, /y0\[\["y\[0\]"\]\]:::output\n/);
    assert.is(chart.match(/:::operation/g)?.length, 8);
    assert.is(
      chart.match(/ --> n/g)?.length,
      graph.nodes.reduce((n, node) => n + node.inputs.length, 0),
    );
    assert.is(chart.match(/ --> y/g)?.length, 2);
    const quoted = own(trace((x: Tensor) => ({ 'a"<b>': add(x, 1) }), tensor(1))).toMermaid();
    assert.match(quoted, /y\.a#quot;#lt;b#gt;/);
  }));

test('run gives what the function gives, at values that were not there when it was traced', () =>
  clean((own) => {
    const f = (x: Tensor, [w, k]: [Tensor, number]) => ({
      y: where(greater(x, 0), matmul(x, w), mul(transpose(x), k)),
      x,
      all: [x, x, tensor([5, 6])],
      n: k,
    });
    const graph = own(trace(f, { shape: [2, 2] }, [{ shape: [2, 2] }, 3]));
    const args = [
      tensor([
        [1, -2],
        [3, -4],
      ]),
      [
        tensor([
          [0.5, 1],
          [2, 0.25],
        ]),
        3,
      ],
    ] as const;
    const [got, want] = [graph.run(...args), f(args[0], [args[1][0] as Tensor, 3])];
    assert.equal(got.y.toArray(), want.y.toArray());
    assert.equal(
      got.all.map((t: Tensor) => t.toArray()),
      want.all.map((t) => t.toArray()),
    );
    assert.is(got.n, 3);
    // Results are handles of their own.
    got.x.dispose();
    assert.equal(got.all[0].toArray(), args[0].toArray());
  }));

test('derivatives go through run, in both modes and twice', () =>
  clean((own) => {
    const graph = own(trace(figure, { shape: [3] }, { shape: [3] }));
    const [a, b, u] = [tensor([0.5, 1, -2]), tensor([0.25, -1, 0.125]), tensor([1, 2, 3])];
    const same = (x: Tensor[], y: Tensor[]) => x.forEach((t, i) => void near(t.data(), y[i].data(), 1e-13));
    same(vjp(graph.run, a, b).pullback(u), vjp(figure, a, b).pullback(u));
    const [one, other] = [graph.run, figure].map((f) => jvp(f, [a, b], [u, u]).tangent);
    same([one], [other]);
    const second = (f: (x: Tensor, y: Tensor) => Tensor) =>
      grad((x: Tensor) => sum(square(grad((z: Tensor) => sum(f(z, b)))(x))))(a);
    same([second(graph.run)], [second(figure)]);
    same(own(graph.vjp()).run(a, b, u), vjp(figure, a, b).pullback(u));
    same([own(graph.jvp()).run(a, b, u, u)], [other]);
    const hessian = own(own(graph.vjp()).jvp());
    const zero = tensor([0, 0, 0]);
    const direct = jvp(
      (x: Tensor, y: Tensor, c: Tensor) => vjp(figure, x, y).pullback(c),
      [a, b, u],
      [u, zero, zero],
    ).tangent;
    same(hessian.run(a, b, u, u, zero, zero), direct);
  }));

test('tensors around the function are constants that outlive their owner', () =>
  clean((own) => {
    const c = tensor([1, 2, 3]);
    const graph = own(trace((x: Tensor) => add(mul(x, c), reshape(c, [3])), tensor([0, 0, 0])));
    assert.is(graph.nodes.filter(({ kind }) => kind === 'constant').length, 1);
    c.dispose();
    assert.equal(graph.run(tensor([1, 1, 1])).toArray(), [2, 4, 6]);
    graph.dispose();
    rejects(() => graph.run(), DisposedError, /^run: the graph has been disposed/);
    assert.match(graph.toString(), /constant : f64\[3\]/);
  }));

test('derivatives through run reach the transformation that a constant belongs to', () =>
  clean(() => {
    const outer = (w: Tensor) => {
      const graph = trace((x: Tensor) => mul(x, mul(w, w)), tensor(0));
      return graph.run(tensor(5));
    };
    assert.is(grad(outer)(tensor(3)).item(), 30);
  }));

test('rules that their author gave take effect inside the function', () =>
  clean((own) => {
    const twice = customVjp(
      (x: Tensor) => ({ value: mul(x, 2), residuals: x }),
      (_: Tensor, ct: Tensor) => [mul(ct, 7)],
    );
    const graph = own(trace((x: Tensor) => [twice(x), grad((z: Tensor) => sum(twice(z)))(x)], tensor([1])));
    assert.equal(
      graph.run(tensor([4])).map((t: Tensor) => t.item()),
      [8, 7],
    );
  }));

test('what needs values says so, and leaves nothing behind', () => {
  const x = tensor([1, 2]);
  const [weights, weights3] = [tensor([3, 4]), tensor([1, 2, 3])];
  const traced = (f: (x: Tensor) => unknown) => () => trace((z: Tensor) => f(mul(z, weights)), x);
  rejects(
    traced((z) => z.data()),
    ArgumentError,
    /^trace: data\(\) reads values, .* only shapes are/,
  );
  rejects(
    traced((z) => sum(z).item()),
    ArgumentError,
    /^trace: item\(\)/,
  );
  rejects(
    traced((z) => z.toArray()),
    ArgumentError,
    /^trace: toArray\(\)/,
  );
  rejects(
    traced((z) => z.toTypedArray()),
    ArgumentError,
    /^trace: toTypedArray\(\)/,
  );
  rejects(
    traced((z) => z.address),
    ArgumentError,
    /^trace: .* asked for the memory .* defineOp/,
  );
  rejects(
    traced((z) => grad((y: Tensor) => sum(mul(y, y.data()[0])))(z)),
    ArgumentError,
    /^trace: data/,
  );
  rejects(
    traced((z) => matmul(z, weights3)),
    ShapeError,
    /^matmul: shapes \[2\] and \[3\]/,
  );
  rejects(
    traced(async (z) => z),
    ArgumentError,
    /^trace: the function must be synchronous/,
  );
  let escaped: Tensor | undefined;
  trace((z: Tensor) => {
    escaped = neg(z);
    return z;
  }, x);
  rejects(
    () => add(escaped as Tensor, 1),
    ArgumentError,
    /^add: an operand was made inside trace and used after/,
  );
  rejects(() => trace((z: Tensor) => z, { shape: [-1] }), ShapeError, /^trace: every extent/);
  assert.match(String(escaped), /Tensor\(f64, \[2\], traced\)/);
  const graph = trace((z: Tensor) => take(z, [0]), x);
  rejects(() => graph.run(weights3), ArgumentError, /^run: the arguments must match/);
  const back = graph.vjp();
  rejects(() => back.run(x), ArgumentError, /^run: the arguments must have the structure/);
  const integers = trace((z: Tensor) => z, { shape: [2], dtype: 'i32' });
  rejects(() => integers.vjp(), DTypeError, /^vjp: argument 0 must be f64 or f32/);
  for (const made of [graph, back, integers]) made.dispose();
});

test('parameters are noted as they were', () =>
  clean((own) => {
    const shape = [2, 1];
    const graph = own(trace((x: Tensor) => [reshape(x, shape), stack([x, div(x, 2)], 0)], tensor([1, 2])));
    shape[0] = 1;
    assert.equal(graph.run(tensor([1, 2]))[0].shape, [2, 1]);
  }));

test.run();
