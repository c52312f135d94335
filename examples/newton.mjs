// Newton's method with exact second derivatives: x <- x - H(x)^-1 g(x), on the averaged Rosenbrock function.
import { add, grad, hessian, linalg, mean, mul, norm, scope, slice, square, sub, tensor } from 'cotangent';

const f = (x) => {
  const [head, tail] = [slice(x, [0], [x.size - 1]), slice(x, [1], [x.size])];
  return mean(add(mul(square(sub(tail, square(head))), 100), square(sub(1, head))));
};
let x = tensor([0.8, 0.7, 0.6, 0.5]);
for (let step = 1; ; step++) {
  const g = grad(f)(x);
  console.log(`step ${step}: f = ${f(x).item().toExponential(2)}, |g| = ${norm(g).item().toExponential(2)}`);
  if (norm(g).item() < 1e-12 || step === 30) break;
  x = scope(() => sub(x, linalg.solve(hessian(f)(x), g)));
}
console.log(x.toArray().map((value) => value.toFixed(6)));
