// The spectral form: vorticity ω in Fourier space, ω_t = -u·∇ω + ν ∇²ω - damping ω + curl of the force, in steps of the classical Runge-Kutta method.
import { tensor, zeros } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { irfft2, rfft2 } from '../../fft/several-axes.js';
import type { Float } from '../../linalg/stack.js';
import { add, div, mul, neg, sub } from '../../ops/arithmetic.js';
import { stack } from '../../ops/concat.js';
import { apply } from '../../ops/op.js';
import type { FlowParams } from './parameters.js';
import { component } from './volumes-composed.js';
import { vorticityStageOp } from './vorticity-rows.js';

/** The form: what moves its planes, and what is made of them. */
export interface Spectral {
  /** Tensors that it holds. */
  readonly owned: readonly Tensor[];
  /** A step of the plane. */
  step(w: Tensor): Tensor;
  /** dω/dt of the plane. */
  tendency(w: Tensor): Tensor;
  /** From vorticity [..., n, n] to planes [..., 2, n, n/2 + 1], and back. */
  forward(x: Tensor): Tensor;
  backward(w: Tensor): Tensor;
  /** The velocity [..., 2, n, n] of a vorticity. */
  velocity(x: Tensor): Tensor;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k);

/** Real and imaginary parts as one tensor. */
function forward(x: Tensor): Tensor {
  return scope(() => {
    const { re, im } = rfft2(x);
    return stack([re, im], x.ndim - 2);
  });
}

function backward(w: Tensor, n: number): Tensor {
  return scope(() => irfft2({ re: component(w, 0), im: component(w, 1) }, { s: [n, n] }));
}

/** The form for these numbers. */
export function spectral({ n, viscosity, wavenumber, amplitude, damping, dt, dtype }: FlowParams): Spectral {
  const cut = Math.ceil(n / 3) - 1;
  // The curl of the force, -amplitude wavenumber cos(wavenumber y), is one wave on the grid; it is alone where the grid shows it as its own mirror image.
  const alias = wavenumber % n;
  const wave = Math.min(alias, n - alias);
  const isAlone = wave === 0 || 2 * wave === n;
  const force = -amplitude * wavenumber * n * n * (isAlone ? 1 : 0.5);
  const numbers = { n, cut, viscosity, damping, wave, force };
  /** base + scale dω/dt. */
  const moved = (base: Tensor, w: Tensor, scale: number): Tensor =>
    apply(vorticityStageOp, [base, w], { ...numbers, scale });
  const [toU, toV] = velocityFactors(n, dtype);
  return {
    owned: [toU, toV],
    tendency: (w) => scope(() => moved(zeros(w.shape, { dtype }), w, 1)),
    // With the stages w₁, w₂, w₃ after k₁, k₂, k₃: w + dt/6 (k₁ + 2 k₂ + 2 k₃ + k₄) = (w₁ + 2 w₂ + w₃ - w)/3 + dt/6 k₄.
    step: (w) =>
      scope(() => {
        const first = moved(w, w, dt / 2);
        const second = moved(w, first, dt / 2);
        const third = moved(w, second, dt);
        const others = sub(add(add(first, mul(2, second)), third), w);
        return moved(div(others, 3), third, dt / 6);
      }),
    forward,
    backward: (w) => backward(w, n),
    velocity: (x) =>
      scope(() => {
        const { re, im } = rfft2(x);
        const one = (by: Tensor) => irfft2({ re: neg(mul(by, im)), im: mul(by, re) }, { s: [n, n] });
        return stack([one(toU), one(toV)], x.ndim - 2);
      }),
  };
}

/** ky/k² and -kx/k²: i times these, times the vorticity, are the components of the velocity. Waves of half the grid have no derivative that it can show. */
function velocityFactors(n: number, dtype: Float): [Tensor, Tensor] {
  const [kx, ky] = [range(n).map((i) => (2 * i < n ? i : i - n)), range(Math.floor(n / 2) + 1)];
  const shown = (k: number) => (2 * Math.abs(k) === n ? 0 : k);
  const plane = (f: (p: number, q: number) => number) =>
    tensor(
      kx.flatMap((p) => ky.map((q) => f(p, q) / Math.max(1, p * p + q * q))),
      { shape: [n, ky.length], dtype },
    );
  const toU = plane((_, q) => shown(q));
  try {
    return [toU, plane((p) => -shown(p))];
  } catch (error) {
    toU.dispose();
    throw error;
  }
}
