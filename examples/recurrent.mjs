// A recurrent program with ordinary control flow: follows a pendulum until it has swung through three times, and
// computes the gradient of the time that this takes with respect to the length and the start.
import { add, div, mul, scope, sin, sub, tensor, valueAndGrad } from 'cotangent';

const dt = 0.01;

/** The moment of the third passage through zero: the number of steps depends on the values. */
const time = ({ length, angle }) => {
  let [theta, omega] = [angle, tensor(0)];
  for (let step = 0, passages = 0; ; step++) {
    const before = theta;
    omega = sub(omega, mul(mul(div(9.81, length), sin(theta)), dt));
    theta = add(theta, mul(omega, dt));
    if (Math.sign(before.item()) === Math.sign(theta.item()) || ++passages < 3) continue;
    // Where the line from the last angle to this one crosses zero.
    return add(mul(div(before, sub(before, theta)), dt), step * dt);
  }
};

const start = { length: tensor(1), angle: tensor(0.5) };
const { value, grad } = valueAndGrad(time)(start);
console.log(`third passage after ${value.item().toFixed(4)} s`);
console.log(`d/d length: ${grad.length.item().toFixed(4)}, d/d angle: ${grad.angle.item().toFixed(4)}`);

// Finite differences agree.
const at = (length, angle) => scope(() => time({ length: tensor(length), angle: tensor(angle) })).item();
const [h, k] = [1e-6, 1e-6];
console.log(
  `differences: ${((at(1 + h, 0.5) - at(1 - h, 0.5)) / 2 / h).toFixed(4)}, ${((at(1, 0.5 + k) - at(1, 0.5 - k)) / 2 / k).toFixed(4)}`,
);
