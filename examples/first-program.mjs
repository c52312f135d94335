// Least squares by gradient descent: x <- x - tau A^T (A x - b), until A^T (A x - b) is small.
import { matmul, memory, mul, random, scope, sub, sum, tensor, zeros } from 'cotangent';

const generator = random(1);
const A = generator.normal([200, 3]);
const b = matmul(A, tensor([1, -2, 3]));

let x = zeros([3]);
for (let step = 1; step <= 15; step++) {
  const next = scope(() => {
    const gradient = matmul(A, sub(matmul(A, x), b), { transposeA: true });
    if (step % 5 === 0)
      console.log(`step ${step}: |gradient|^2 = ${sum(mul(gradient, gradient)).item().toExponential(1)}`);
    return sub(x, mul(gradient, 0.004));
  });
  x.dispose();
  x = next;
}
console.log(x.toArray().map((value) => value.toFixed(6)));
console.log(memory());
