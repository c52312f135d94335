// Derivatives of projections and proximal maps: both modes and orders, in every region of the set, at repeated eigenvalues and singular
// values, on boundaries as documented, compiled, in f32.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  diag,
  eye,
  grad,
  jvp,
  mul,
  ones,
  optim,
  reshape,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, rejects } from '../support/check.js';
import { checkDerivatives, checkSingle } from '../support/derivatives.js';

const { project, prox, penalty } = optim;
type Map = (x: Tensor) => Tensor;

/** Two stacks of rows, of which some lie in the set and some are cut; no entry is on a boundary. */
const rows = () =>
  tensor(
    numbers(24, 3).map((v, i) => v * (i < 12 ? 2 : 0.1)),
    { shape: [2, 3, 4] },
  );
const normal = (like?: Tensor) => tensor([0.3, -0.7, 0.2, 0.9], { dtype: like?.dtype ?? 'f64' });

const maps: Record<string, Map> = {
  l1Ball: (x) => project.l1Ball(x, 0.8),
  'l1Ball of radius 0': (x) => project.l1Ball(x, 0),
  l2Ball: (x) => project.l2Ball(x, 0.7),
  'l2Ball of radius 0': (x) => project.l2Ball(x, 0),
  linfBall: (x) => project.linfBall(x, 0.5),
  box: (x) => project.box(x, -0.4, 0.3),
  simplex: (x) => project.simplex(x, 1.1),
  'simplex of 0': (x) => project.simplex(x, 0),
  halfSpace: (x) => project.halfSpace(x, normal(x), 0.05),
  hyperplane: (x) => project.hyperplane(x, normal(x), 0.4),
  secondOrderCone: project.secondOrderCone,
  'prox l1': (x) => prox.l1(x, 0.25),
  'prox l2': (x) => prox.l2(x, 0.4),
  'prox l2, t = 0': (x) => prox.l2(x, 0),
  squaredL2: (x) => prox.squaredL2(x, 0.4),
  'prox linf': (x) => prox.linf(x, 0.4),
  'prox linf, t = 0': (x) => prox.linf(x, 0),
  elasticNet: (x) => prox.elasticNet(x, 0.3, 0.4),
  conjugate: (x) => prox.conjugate(prox.linf)(x, 0.5),
  'penalty l2': (x) => penalty.l2(0.3).prox(x, 1.2) as Tensor,
};

// The arena of descriptors is made once.
test.before(() => scope(() => void slice(ones([3, 3]), [1, 1])));

for (const [name, map] of Object.entries(maps)) {
  test(`${name}: rows, to second order, compiled, f32`, () =>
    scope(() => {
      checkDerivatives(map, [rows()]);
      near(compile(map)(rows()).toTypedArray(), map(rows()).toTypedArray(), 0, name);
      const loss = (x: Tensor) => sum(mul(map(x), map(x)));
      const gradient = grad(loss);
      near(
        compile(gradient)(rows()).toTypedArray(),
        gradient(rows()).toTypedArray(),
        1e-15,
        `${name}, compiled`,
      );
      checkSingle(loss, [rows()], 1e-5);
    }));
}

test('a scalar is a row of one', () =>
  scope(() => {
    for (const map of [project.l1Ball, project.l2Ball, project.simplex] as ((
      x: Tensor,
      r: number,
    ) => Tensor)[]) {
      checkDerivatives((x: Tensor) => map(x, 0.4), [tensor(0.9)]);
      checkDerivatives((x: Tensor) => map(x, 0.4), [tensor(0.1)]);
    }
    checkDerivatives((x: Tensor) => prox.l2(x, 0.4), [tensor(-0.9)]);
    checkDerivatives((x: Tensor) => project.halfSpace(x, tensor([2]), 0.4), [tensor(0.9)]);
  }));

test('half-spaces and hyperplanes, in the normal, too', () =>
  scope(() => {
    for (const map of [project.halfSpace, project.hyperplane])
      for (const b of [0.05, -0.6])
        checkDerivatives((x: Tensor, a: Tensor) => map(x, a, b), [rows(), normal()]);
    const x = tensor([[0.4, 0.2]]);
    checkDerivatives((a: Tensor) => project.hyperplane(x, a, 0.3), [tensor([[1, 2]])]);
    const none = zeros([2]);
    rejects(() => project.hyperplane(x, none, 0), ArgumentError, /^hyperplane: a must not be 0/);
  }));

test('bounds of a box and thresholds per element', () =>
  scope(() => {
    const [lower, upper] = [tensor([-0.4, -0.1, 0, -2]), tensor([0.2, 0.3, 0.1, 5])];
    checkDerivatives(project.box, [rows(), lower, upper]);
    checkDerivatives((x: Tensor, t: Tensor) => prox.l1(x, t), [rows(), tensor([0.1, 0.2, 0.3, 0.4])]);
  }));

test('each row lies where the test says', () =>
  scope(() => {
    // Of the rows in use there are some on each side, so that no rule is tested on one side only.
    const kept = (map: Map) => {
      const [x, y] = [rows().toTypedArray(), map(rows()).toTypedArray()];
      return [0, 1, 2, 3, 4, 5].filter((r) => [0, 1, 2, 3].every((i) => x[4 * r + i] === y[4 * r + i]))
        .length;
    };
    for (const name of ['l1Ball', 'l2Ball', 'halfSpace']) {
      const count = kept(maps[name]);
      assert.ok(count > 0 && count < 6, `${name}: ${count} of 6 rows stay`);
    }
  }));

test('on a boundary the derivative is that of the set, or of what is cut, as documented', () =>
  scope(() => {
    const v = tensor([1, 2, 3]);
    const along = (map: Map, x: Tensor) => jvp(map, [x], [v]).tangent.toTypedArray();
    near(
      along((x) => project.l2Ball(x, 1), tensor([1, 0, 0])),
      [1, 2, 3],
      0,
    );
    near(
      along((x) => project.l1Ball(x, 1), tensor([1, 0, 0])),
      [1, 2, 3],
      0,
    );
    near(
      along((x) => project.halfSpace(x, tensor([1, 0, 0]), 1), tensor([1, 5, 5])),
      [1, 2, 3],
      0,
    );
    near(along(project.secondOrderCone, tensor([0, 0, 0])), [1, 2, 3], 0);
    near(along(project.secondOrderCone, tensor([5, 3, 4])), [1, 2, 3], 0);
    near(along(project.secondOrderCone, tensor([-5, 3, 4])), [0, 0, 0], 0);
    near(
      along((x) => project.simplex(x), tensor([1, 0, -1])),
      [0, 0, 0],
      0,
    );
    near(
      along((x) => prox.l2(x, 1), tensor([1, 0, 0])),
      [0, 0, 0],
      0,
    );
    near(
      along((x) => prox.linf(x, 1), tensor([1, 0, 0])),
      [0, 0, 0],
      0,
    );
    near(
      along((x) => prox.linf(x, 1), tensor([2, 1, 0])),
      [1, 2, 3],
      0,
    );
  }));

test('positive semidefinite: eigenvalues of both signs, stacks; where they repeat', () =>
  scope(() => {
    const x = tensor(numbers(32, 11), { shape: [2, 4, 4] });
    checkDerivatives(project.positiveSemidefinite, [x], { tolerance: 1e-5 });
    for (const d of [
      [1, 1, 1],
      [2, 2, -1],
      [-1, -1, 3],
      [-1, -1, -1],
    ])
      checkDerivatives(project.positiveSemidefinite, [diag(tensor(d))], { tolerance: 1e-5 });
    // On the boundary: as inside.
    const t = tensor([
      [1, 2],
      [2, -3],
    ]);
    near(jvp(project.positiveSemidefinite, [zeros([2, 2])], [t]).tangent.data(), t.data(), 0);
    const gradient = grad((y: Tensor) => sum(mul(project.positiveSemidefinite(y), x)));
    near(compile(gradient)(x).toTypedArray(), gradient(x).toTypedArray(), 1e-15);
  }));

test('nuclear: tall, wide, square, stacks; where singular values repeat or vanish', () =>
  scope(() => {
    for (const shape of [
      [4, 3],
      [3, 4],
      [3, 3],
      [2, 3, 2],
    ]) {
      const x = tensor(
        numbers(
          shape.reduce((a, b) => a * b),
          5,
        ),
        { shape },
      );
      checkDerivatives((y: Tensor) => prox.nuclear(y, 0.5), [x], { tolerance: 1e-5 });
    }
    for (const d of [
      [1, 1, 1],
      [1, 1, 0.2],
      [1, 0.2, 0.2],
      [2, 1, 0],
      [2, 0, 0],
      [0, 0, 0],
    ])
      checkDerivatives((y: Tensor) => prox.nuclear(y, 0.5), [diag(tensor(d))], { tolerance: 1e-5 });
    checkDerivatives((y: Tensor) => prox.nuclear(y, 0.5), [eye(3, 2)], { tolerance: 1e-5 });
    checkDerivatives((y: Tensor) => prox.nuclear(y, 0), [tensor(numbers(6, 2), { shape: [2, 3] })]);
    const f = (y: Tensor) => prox.nuclear(y, 0.5);
    const x = tensor(numbers(6, 8), { shape: [3, 2] });
    near(compile(f)(x).toTypedArray(), f(x).toTypedArray(), 0);
  }));

test('rows of nothing have derivatives of nothing', () =>
  scope(() => {
    for (const map of Object.values(maps).filter((m) => !/Space|hyper/.test(`${m}`)))
      for (const shape of [
        [0, 3],
        [3, 0],
      ])
        assert.equal(vjp(map, zeros(shape)).pullback(zeros(shape))[0].shape, shape);
  }));

test('the value of a penalty is a number: refused where it is differentiated', () =>
  scope(() => {
    for (const g of [
      penalty.l1(),
      penalty.l2(),
      penalty.squaredL2(),
      penalty.linf(),
      penalty.elasticNet(),
      penalty.nuclear(),
    ]) {
      const x = eye(2);
      const f = (y: Tensor) => mul(sum(y), g.value({ x: y }));
      rejects(() => grad(f)(x), ArgumentError, new RegExp(`^${g.name}: x is differentiated`));
      rejects(() => jvp(f, [x], [x]), ArgumentError, new RegExp(`^${g.name}: x is differentiated`));
      rejects(() => compile(f)(x), ArgumentError, new RegExp(`^${g.name}: x is traced by compile`));
    }
  }));

test('diag: to second order, compiled, and of a view', () =>
  scope(() => {
    checkDerivatives(diag, [tensor([1, 2, 3])]);
    checkDerivatives((x: Tensor) => diag(reshape(x, [4])), [eye(2)]);
    near(compile((x: Tensor) => diag(x))(tensor([1, 2])).data(), [1, 0, 0, 2], 0);
    assert.equal(diag(zeros([0])).shape, [0, 0]);
  }));

test.run();
