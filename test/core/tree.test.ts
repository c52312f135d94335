// Trees: structures as data, keys by name, and trees that hold themselves.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten, leavesIn, leavesLike, mapTree, sameStructure, unflatten } from '#src/core/tree.js';
import * as ct from '#src/index.js';
import { rejects } from '../support/check.js';

const { add, compile, grad, jvp, linearize, mul, nn, optim, scope, square, sub, sum, tensor, trace, vjp } =
  ct;
const one = () => tensor([1, 2]);
class Box {}

test('a tree comes apart and together again', () =>
  scope(() => {
    const box = new Box();
    const tree = { b: [one(), 3, null], a: { '': tensor(1), 'x,y': 'text' }, box, none: undefined };
    const { leaves, structure } = flatten(tree);
    assert.is(leaves.length, 2);
    assert.equal(unflatten(structure, leaves), tree);
    assert.is(structure.text, '{b:[*,3,null],a:{"":*,"x,y":"text"},box:object,none:undefined}');
    assert.equal(Object.keys(mapTree(tree, (leaf) => leaf) as object), ['b', 'a', 'box', 'none']);
    const own = JSON.parse('{ "__proto__": 1 }');
    assert.equal(Object.keys(unflatten(flatten(own).structure, []) as object), ['__proto__']);
  }));

test('structures match by what they hold, not by how they look', () =>
  scope(() => {
    const x = one();
    const unlike: [unknown, unknown][] = [
      ['*', x],
      [1, '1'],
      [new Box(), new Box()],
      [{ 'a:*,b': x }, { a: x, b: x }],
      [[], {}],
      [() => 1, () => 1],
      [null, 'null'],
      [undefined, 'undefined'],
      [{ a: x }, { a: x, b: undefined }],
      [[x], [x, x]],
    ];
    for (const [a, b] of unlike) {
      const [p, q] = [flatten(a).structure, flatten(b).structure];
      assert.not(sameStructure(p, q), `${p.text} and ${q.text}`);
      assert.not(sameStructure(q, p), `${q.text} and ${p.text}`);
      assert.is(leavesIn(a, q), undefined, `${p.text} as ${q.text}`);
      assert.is(leavesIn(b, p), undefined, `${q.text} as ${p.text}`);
    }
    const box = new Box();
    const [a, b] = [flatten({ p: x, q: [Number.NaN, box] }), flatten({ q: [Number.NaN, box], p: x })];
    assert.ok(sameStructure(a.structure, b.structure));
  }));

test('leaves come in the order of the other tree', () =>
  scope(() => {
    const [a, b] = [one(), one()];
    assert.equal(leavesLike('f', 'x', { b, a }, { a, b }), [a, b]);
    assert.equal(leavesLike('f', 'x', [{ b, a }], [{ a, b }]), [a, b]);
    rejects(
      () => leavesLike('f', 'x', { b, c: a }, { a, b }),
      ct.ArgumentError,
      /^f: x must have the structure \{a:\*,b:\*\}, got \{b:\*,c:\*\}/,
    );
    const c = tensor(1);
    rejects(() => leavesLike('f', 'x', { b, a: c }, { a, b }), ct.ArgumentError, /must match its f64 \[2\]/);
  }));

const params = () => ({ a: tensor([0, 0]), b: tensor([0, 0]) });
const [ga, gb] = [
  [1, 1],
  [-5, -5],
];
const inOrder = () => ({ a: tensor(ga), b: tensor(gb) });
const turned = () => ({ b: tensor(gb), a: tensor(ga) });
const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(mapped(tree)));
const mapped = (tree: unknown): unknown =>
  tree instanceof ct.Tensor
    ? tree.toArray()
    : Array.isArray(tree)
      ? tree.map(mapped)
      : typeof tree === 'object' && tree !== null
        ? Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, mapped(part)]))
        : tree;

const { addWeightDecay, clipByGlobalNorm, clipByValue, transformation } = optim;
const OPTIMIZERS: Record<string, () => ct.optim.Optimizer> = {
  sgd: () => optim.sgd({ learningRate: 0.5, momentum: 0.9 }) as never,
  adam: () => optim.adam() as never,
  adamw: () => optim.adamw() as never,
  rmsprop: () => optim.rmsprop({ momentum: 0.5, centered: true }) as never,
  adagrad: () => optim.adagrad() as never,
  'chain of one': () => optim.chain(optim.sgd({ learningRate: 1 }) as never) as never,
  chain: () =>
    optim.chain(
      clipByValue(2),
      clipByGlobalNorm(3),
      addWeightDecay(0.1) as never,
      transformation({
        name: 'twice',
        apply: (grads) => grads.forEach((g) => void g.data().set(g.data().map((v) => 2 * v))),
      }),
      optim.adam() as never,
    ) as never,
};

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  test(`${name}: gradients go to the parameters of their names`, () =>
    scope(() => {
      const run = (grads: () => unknown, how: 'step' | 'update') => {
        const optimizer = make();
        let [p, state] = [params(), optimizer.init(params())];
        for (let i = 0; i < 3; i++) {
          if (how === 'step') optimizer.step(p, grads(), state);
          else ({ params: p, state } = optimizer.update(p, grads(), state));
        }
        assert.equal(Object.keys(p), ['a', 'b']);
        return mapped(p);
      };
      for (const how of ['step', 'update'] as const) assert.equal(run(turned, how), run(inOrder, how));
    }));
}

test('transformations give gradients by their names', () =>
  scope(() => {
    const p = { a: tensor([1, 2]), b: tensor([3, 4]) };
    for (const make of [() => addWeightDecay(0.5), () => clipByValue(2), () => clipByGlobalNorm(1)]) {
      const run = (grads: object) => {
        const part = make() as ct.optim.Transformation;
        return mapped(part.transform(grads, part.init(p), p).grads) as Record<string, unknown>;
      };
      const [got, want] = [run(turned()), run(inOrder())];
      assert.equal([got.a, got.b], [want.a, want.b]);
    }
  }));

test('cotangents, tangents and arguments of graphs go by name', () =>
  scope(() => {
    const { pullback } = vjp((x) => ({ a: mul(x, 1), b: mul(x, 2) }), one());
    assert.equal(mapped(pullback(turned())), mapped(pullback(inOrder())));
    const f = ({ a, b }: { a: ct.Tensor; b: ct.Tensor }) => sub(square(a), mul(b, 3));
    const x = { a: one(), b: one() };
    assert.equal(mapped(jvp(f, [x], [turned()]).tangent), mapped(jvp(f, [x], [inOrder()]).tangent));
    const { apply } = linearize(f, x);
    assert.equal(mapped(apply(turned())), mapped(apply(inOrder())));
    const graph = trace(f, x);
    assert.equal(mapped(graph.run(turned())), mapped(f(inOrder())));
    assert.equal(mapped(graph.vjp().run(turned(), one())), mapped(graph.vjp().run(inOrder(), one())));
    assert.equal(mapped(graph.jvp().run(turned(), turned())), mapped(graph.jvp().run(inOrder(), inOrder())));
    const plan = compile(f);
    assert.equal(mapped(plan(inOrder() as never)), mapped(f(inOrder())));
    assert.equal(mapped(plan(turned() as never)), mapped(f(inOrder())));
    assert.equal(mapped(plan(inOrder() as never)), mapped(f(inOrder())));
    const rule = ct.customVjp(
      (p) => ({ value: sum(add(p.a, mul(p.b, 2))), residuals: p }),
      (p, dy) => [{ b: mul(dy, mul(p.b, 2)), a: mul(dy, p.a) }],
    );
    assert.equal(mapped(grad(rule)(x)), { a: [1, 2], b: [2, 4] });
    const forward = ct.customJvp(
      (p) => ({ u: square(p.a), v: p.b }),
      ([p], [t]) => ({ value: p, tangent: { v: t.b, u: mul(mul(2, p.a), t.a) } }),
    );
    assert.equal(mapped(jvp(forward, [x], [turned()]).tangent), { u: [2, 4], v: [-5, -5] });
  }));

test('gradients by hand, steps of solvers and directions go by name', () =>
  scope(() => {
    const x0 = { a: tensor([4]), b: tensor([9]) };
    const f = {
      value: ({ a, b }: typeof x0) => sum(add(square(sub(a, 1)), square(sub(b, 2)))),
      gradient: ({ a, b }: typeof x0) => ({ b: mul(2, sub(b, 2)), a: mul(2, sub(a, 1)) }),
    };
    const { x } = optim.minimize(f, x0, optim.gradientDescent());
    assert.ok(Math.abs(x.a.item() - 1) < 1e-6 && Math.abs(x.b.item() - 2) < 1e-6);
    const T = ({ a, b }: typeof x0) => ({ b: add(mul(b, 0.5), 1), a: mul(a, 0.5) });
    const fixed = optim.fixedPoint(T, x0, optim.picard());
    assert.ok(Math.abs(fixed.x.a.item()) < 1e-6 && Math.abs(fixed.x.b.item() - 2) < 1e-6);
    const model = nn.sequential([nn.dense(2), nn.dense(2)]);
    const p = model.init(ct.random(1), [2], { dtype: 'f64' });
    const [input, labels] = [tensor([[1, 2]]), tensor([1], { dtype: 'i32' })];
    const directions = (turn: boolean) =>
      nn
        .layerwise(
          model,
          ({ gradient }) => {
            const { weight, bias } = gradient as ct.nn.DenseParams;
            return turn ? { bias, weight } : { weight, bias };
          },
          { lastLayer: 'implicit' },
        )
        .direction(p, input, labels).direction;
    assert.equal(plain(directions(true)), plain(directions(false)));
  }));

test('an objective that gives its parameters in another order', async () => {
  const p = { w: tensor([1]), n: tensor([0]) };
  const objective = ({ w, n }: typeof p, { x }: { x: ct.Tensor }) => ({
    loss: sum(square(mul(w, ct.mean(x)))),
    params: { n: add(n, 1), w },
  });
  const { params: after } = await nn.fit(
    objective,
    p,
    { x: tensor([[1], [2]]) },
    {
      epochs: 2,
      batchSize: 2,
      optimizer: optim.sgd({ learningRate: 0.1 }),
    },
  );
  assert.equal(after.n.toArray(), [2]);
  assert.ok(after.w.item() < 1);
});

test('what does not fit a graph is refused', () =>
  scope(() => {
    const x = one();
    const g = trace((y) => mul(y, y), x);
    const h = trace((p) => mul(p.a, p.b), { a: x, b: x });
    rejects(() => g.run('*'), ct.ArgumentError, /^run: .*structure \[\*\], got \["\*"\]/);
    rejects(() => h.run({ 'a:*,b': x }), ct.ArgumentError, /^run: /);
    assert.match(
      trace(((y: ct.Tensor) => ({ a: '*', b: y })) as never, x).toString(),
      /return \{a:"\*",b:%\d\}/,
    );
  }));

test('trees and arrays that hold themselves, or are nested without reason', () =>
  scope(() => {
    const x = one();
    const tree: Record<string, unknown> = { x };
    tree.me = tree;
    const list: unknown[] = [];
    list.push(list);
    const twice: Record<string, unknown> = { x };
    Object.assign(twice, { a: twice, b: [twice, twice] });
    let deep: unknown = x;
    for (let i = 0; i < 1e5; i++) deep = i % 2 ? [deep] : { deep };
    // biome-ignore lint/suspicious/noExplicitAny: hostile
    const hostile: any[] = [tree, twice, deep];
    for (const t of hostile) {
      const calls: [string, () => unknown][] = [
        ['grad', () => grad((p) => sum(p.x))(t)],
        ['vjp', () => vjp((p) => sum(p.x), t)],
        ['jvp', () => jvp((p) => sum(p.x), [t], [t])],
        ['jacfwd', () => ct.jacfwd((p) => p.x)(t)],
        ['trace', () => trace((p) => mul(p.x, 2), t)],
        ['compile', () => compile((p) => mul(p.x, 2))(t)],
        ['adam', () => optim.adam().init(t)],
        ['sgd', () => optim.sgd().update({ x }, t, optim.sgd().init({ x }))],
        ['minimize', () => optim.minimize((p) => sum(square(p.x)), t)],
        ['saveSafetensors', () => nn.saveSafetensors(t)],
        ['batches', () => nn.batches(t, { size: 1 })],
        ['parameterCount', () => nn.parameterCount(t)],
        ['grad', () => grad(() => t)(x)],
        ['vjp', () => vjp(() => t, x)],
        ['compile', () => compile((() => t) as (y: ct.Tensor) => unknown)(x)],
      ];
      for (const [name, f] of calls)
        rejects(
          () => scope(() => void f()),
          ct.ArgumentError,
          RegExp(`^${name}: .*(itself|nested deeper|tensor)`),
        );
    }
    rejects(() => tensor(list as never), ct.ShapeError, /^tensor: at most 32 axes/);
    const same = { x };
    assert.equal(flatten([same, same]).leaves, [x, x], 'a part that occurs twice is no circle');
  }));

test.run();
