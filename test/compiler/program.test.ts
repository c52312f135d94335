// Programs: plans that are called or disposed from within their own steps, that fail while they are made, bodies that run inline.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Graph } from '#src/compiler/graph.js';
import { recording } from '#src/compiler/graph-trace.js';
import { layoutOf } from '#src/compiler/layout.js';
import { GraphNode, makeCall } from '#src/compiler/node.js';
import { programOf } from '#src/compiler/program.js';
import { simplify } from '#src/compiler/simplify.js';
import { runtime } from '#src/core/runtime.js';
import {
  ArgumentError,
  add,
  compile,
  DisposedError,
  defineOp,
  exp,
  matmul,
  memory,
  mul,
  neg,
  OutOfMemoryError,
  type Plan,
  reshape,
  scope,
  sin,
  slice,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
} from '#src/index.js';
import { applyAll, type Op } from '#src/ops/op.js';
import { ownedBy } from '#src/ops/ownership.js';
import { rejects } from '../support/check.js';

/** A row in JavaScript that copies its input and runs `action` meanwhile. */
const rowWith = (action: () => void) =>
  defineOp({
    name: 'again',
    shape: ([x]) => x,
    run: (y: Tensor, [x]: readonly Tensor[]) => {
      action();
      y.data().set(x.data());
    },
  });

test('a plan that is called from within one of its own steps is an error, and right afterwards', () =>
  scope(() => {
    let isNested = false;
    let plan: Plan<(x: Tensor) => Tensor>;
    const row = rowWith(() => {
      if (isNested) plan(tensor([100, 200]));
    });
    plan = compile((x: Tensor) => mul(row(mul(x, 2)), 3));
    const x = tensor([1, 2]);
    assert.equal(plan(x).toArray(), [6, 12]);
    const before = memory();
    isNested = true;
    for (let i = 0; i < 2; i++)
      rejects(() => scope(() => plan(x)), ArgumentError, /called from within one of its own steps/);
    isNested = false;
    assert.equal(memory(), before);
    assert.equal(plan(x).toArray(), [6, 12]);
    plan.dispose();
  }));

test('another signature of the plan may run meanwhile', () =>
  scope(() => {
    let inner: number[] = [];
    let plan: Plan<(x: Tensor) => Tensor>;
    const row = rowWith(() => {
      if (inner.length === 0) {
        inner = [0];
        inner = plan(tensor([5])).toArray() as number[];
      }
    });
    plan = compile((x: Tensor) => mul(row(mul(x, 2)), 3));
    assert.equal(plan(tensor([1, 2])).toArray(), [6, 12]);
    assert.equal(inner, [30]);
    plan.dispose();
  }));

test('a plan that is disposed from within one of its own steps ends with the run', () => {
  const before = memory();
  let plan: Plan<(x: Tensor) => Tensor>;
  let mayDispose = false;
  const row = rowWith(() => {
    if (mayDispose) plan.dispose();
  });
  plan = compile((x: Tensor) => mul(row(mul(x, 2)), 3));
  const x = tensor([1, 2]);
  plan(x);
  mayDispose = true;
  assert.throws(
    () => plan(x).toArray(),
    (error: Error) => error instanceof DisposedError,
  );
  x.dispose();
  assert.equal(memory(), { ...before, heapBytes: memory().heapBytes });
});

test('when a step throws, the next run is right', () =>
  scope(() => {
    let isBroken = true;
    const row = rowWith(() => {
      if (isBroken) throw new RangeError('broken');
    });
    const plan = compile((x: Tensor) => ({ a: exp(x), b: row(mul(x, 2)) }));
    const x = tensor([0, 1]);
    assert.throws(() => plan(x), /broken/);
    isBroken = false;
    assert.equal(plan(x).b.toArray(), [0, 2]);
    plan.dispose();
  }));

/** A row that keeps an object whenever it gets ready, which counts how often these are freed; `prepare` runs before. */
function keepingRow(prepare: (pass: number) => void) {
  const row = { freed: 0, passes: 0 };
  const op: Op = {
    name: 'own',
    shape: ([x]) => x,
    prepare: ([y], [x], _params, space) => {
      prepare(++row.passes);
      space.keep({ bytes: 0, watch: () => {}, dispose: () => void row.freed++ });
      return () => void y.data().set(x.data());
    },
  };
  return { row, apply: (x: Tensor) => applyAll(op, [x], undefined)[0] };
}

const large = 1000;
const xs = () => tensor(Array.from({ length: large }, (_, i) => i));

test('when a row cannot get ready, everything is freed, with what rows keep', () => {
  const x = xs();
  const before = memory();
  for (const failing of [1, 2]) {
    const { row, apply } = keepingRow((pass) => {
      if (pass === failing) throw new RangeError('not ready');
    });
    const w = xs();
    const plan = compile((y: Tensor) => mul(apply(add(y, w)), 2));
    assert.throws(() => plan(x), /not ready/);
    assert.is(row.freed, failing - 1, `pass ${failing}`);
    w.dispose();
    assert.equal(memory(), { ...before, heapBytes: memory().heapBytes });
    plan.dispose();
  }
  x.dispose();
});

test('when the slab cannot be allocated, everything is freed, and the next call makes the plan', () => {
  const x = xs();
  const before = memory();
  const { heap } = runtime();
  const { row, apply } = keepingRow((pass) => {
    if (pass === 1) heap.allocate = () => 0;
  });
  const plan = compile((y: Tensor) => mul(apply(sin(y)), 2));
  try {
    rejects(() => plan(x), OutOfMemoryError, /compile/);
  } finally {
    delete (heap as { allocate?: unknown }).allocate;
  }
  assert.is(row.freed, 1);
  assert.equal(memory(), { ...before, heapBytes: memory().heapBytes });
  assert.ok(Math.abs(plan(x).data()[3] - 2 * Math.sin(3)) < 1e-15);
  plan.dispose();
  // Both times to count the memory, and in the plan.
  assert.is(row.freed, 3);
  x.dispose();
});

/** A call of a row whose body is a graph of its inputs. */
function graphOfCall(body: Graph, inline: boolean, captured: Tensor): Graph {
  const op: Op<unknown> = {
    name: 'call',
    shape: () => body.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    prepare: (outputs, inputs) => () => {
      const results = ownedBy([], () => body.evaluate(inputs));
      outputs.forEach((y, i) => void y.data().set(results[i].data()));
      for (const result of results) result.dispose();
    },
    inline,
  };
  const parts = recording('compile', (x: Tensor) => [sin(x), exp(x)], [tensor([0.5, -1])]);
  const [a, b] = parts.outputs;
  const constant = new GraphNode('constant', captured, { value: captured, captured: true });
  const specs = body.outputs;
  const first = makeCall(op, undefined, [a, constant], specs, 0, [body.hold()]);
  const second = makeCall(op, undefined, [first.outputs[0], b], specs, 2, [body.hold()]);
  const steps = [...parts.steps, first, second];
  const outputs = [second.outputs[0], second.outputs[1]];
  return new Graph({ ...parts, steps, outputs, constants: [constant], structure: parts.structure });
}

test('a call that may run inline is replaced by the steps of its body, and another one is a step', () => {
  const before = memory();
  const results = [true, false].map((inline) => {
    const x = tensor([0.25, -2]);
    const [one, two] = [tensor([1, 2]), tensor([3, 4])];
    const body = trace((u: Tensor, v: Tensor) => [tanh(add(mul(u, 3), v)), neg(mul(u, 3))], one, two);
    const program = programOf(graphOfCall(body, inline, tensor([0.1, 0.2])));
    const text = program.toString();
    const [y, z] = program.run([x]) as Tensor[];
    const found = [y.toArray(), z.toArray()];
    assert.is(/= call /.test(text), !inline, text);
    if (inline) {
      // The body of each call, in its own epoch; -(3 u) as (-3) u only where no epoch lies between.
      assert.is(text.match(/= tanh /g)?.length, 2, text);
      assert.not.match(text, /= neg /);
    }
    program.dispose();
    body.dispose();
    for (const it of [x, one, two]) it.dispose();
    return found;
  });
  assert.equal(results[0], results[1]);
  assert.ok(memory().tensors <= before.tensors + 2, `${memory().tensors - before.tensors}`);
});

test('bodies within bodies run inline', () =>
  scope(() => {
    const spec = tensor([0.5, -1]);
    const innermost = trace((u: Tensor) => mul(u, u), spec);
    const rowOf = (body: Graph): Op<unknown> => ({
      name: 'call',
      shape: () => body.outputs,
      prepare: () => () => assert.unreachable('the body runs in the place of the call'),
      inline: true,
    });
    const wrapped = (body: Graph) => {
      const parts = recording('compile', (u: Tensor) => [add(u, 1)], [spec]);
      const call = makeCall(rowOf(body), undefined, parts.outputs, body.outputs, 0, [body]);
      return new Graph({ ...parts, steps: [...parts.steps, call], outputs: call.outputs });
    };
    const program = programOf(wrapped(wrapped(innermost)));
    assert.equal((program.run([tensor([1, 2])]) as Tensor[])[0].toArray(), [9, 16]);
    program.dispose();
  }));

/** A recording in which a tensor is captured, or known. */
function graphWith(value: Tensor, f: (x: Tensor, w: Tensor) => Tensor, captured: boolean): Graph {
  const parts = recording('compile', (x: Tensor, w: Tensor) => f(x, w), [tensor([1, 2]), value]);
  const [x, w] = parts.inputs;
  const constant = new GraphNode('constant', w, { value, captured });
  const renamed = (node: GraphNode) => (node === w ? constant : node);
  const steps = parts.steps.map((step) => Object.assign(step, { inputs: step.inputs.map(renamed) }));
  return new Graph({
    ...parts,
    inputs: [x],
    steps,
    outputs: parts.outputs.map(renamed),
    constants: [...parts.constants, constant],
  });
}

test('nothing is folded over a captured tensor, taken as a number or as one: it is read at every run', () => {
  const functions: Record<string, [(x: Tensor, w: Tensor) => Tensor, number[]]> = {
    'a unit': [(x, w) => mul(x, w), []],
    'a sign': [(x, w) => neg(mul(x, w)), []],
    'an expression': [(x, w) => add(x, mul(exp(w), 2)), []],
    uniform: [(x, w) => mul(x, w), [2]],
    'folded, uniform': [(x, w) => add(x, sin(w)), [2]],
    'a view': [(x, w) => add(x, slice(reshape(w, [-1]), [1], [2])), [2]],
    'a result': [(_, w) => w, [2]],
  };
  for (const [name, [f, shape]] of Object.entries(functions)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const value = tensor(new Float64Array(size).fill(1), { shape });
    const program = programOf(graphWith(value, f, true));
    const x = tensor([3, 4]);
    for (const number of [1, 5, -2]) {
      program.graph.nodes
        .find(({ captured }) => captured)
        ?.value?.data()
        .fill(number);
      const want = scope(() => f(x, tensor(new Float64Array(size).fill(number), { shape })).toArray());
      assert.equal((program.run([x]) as Tensor).toArray(), want, name);
    }
    program.dispose();
    x.dispose();
  }
});

test('a row for one program that is computed ahead is freed when the program is made', () =>
  scope(() => {
    const { row, apply } = keepingRow(() => {});
    const program = programOf(graphWith(tensor([1, 2]), (x, w) => add(x, apply(mul(w, 2))), false));
    assert.is(row.freed, 1);
    assert.equal((program.run([tensor([1, 1])]) as Tensor).toArray(), [3, 5]);
    program.dispose();
    assert.is(row.freed, 1);
  }));

test('what the function made itself is folded as ever', () => {
  const program = programOf(graphWith(tensor(1), (x, w) => mul(x, add(w, 2)), false));
  assert.is(program.graph.steps.length, 1);
  program.dispose();
});

test('a layout is made without a device: only sizes and an alignment', () => {
  const x = tensor([1, 2, 3, 4], { shape: [2, 2] });
  const graph = trace((y: Tensor) => sum(matmul(tanh(matmul(y, y)), y)), x);
  const { heap } = runtime();
  const used = heap.used;
  for (const alignment of [64, 256]) {
    const simpler = simplify(graph);
    const layout = layoutOf(simpler, {
      alignment,
      workspaces: (_, groups) => ({ scratch: groups.map(() => 10), shared: 1 }),
    });
    assert.is(layout.groups.length, 4);
    assert.is(layout.sharedBytes, alignment);
    for (const { offset, bytes } of layout.buffers.all) {
      assert.is(offset % alignment, 0);
      assert.is(bytes % alignment, 0);
    }
    assert.is(layout.buffers.scratch.filter(Boolean).length, 4);
    assert.ok(layout.slabBytes >= layout.liveBytes + alignment);
    simpler.dispose();
  }
  assert.is(heap.used, used);
  graph.dispose();
  x.dispose();
});

test.run();
