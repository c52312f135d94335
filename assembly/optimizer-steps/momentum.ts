// d := g + decay p; b := keep b + gain d; p := p - rate b, or with Nesterov's momentum p - rate (d + look b).
// Source: Sutskever, Martens, Dahl and Hinton (2013), in the form that PyTorch's SGD has.
import { lanes, madd } from '../simd/lanes';
import { PIECE, part } from './pieces';

// @ts-ignore: decorator
@inline
function loop<T>(
  nesterov: bool, n: i32, p: usize, g: usize, b: usize, rate: T, decay: T, keep: T, gain: T, look: T,
): void {
  const w = lanes<T>();
  const r = v128.splat<T>(-rate), l = v128.splat<T>(decay), k = v128.splat<T>(keep), h = v128.splat<T>(gain);
  const ahead = v128.splat<T>(look);
  let i = 0;
  for (; i + w <= n; i += w) {
    const x = v128.load(p);
    const d = madd<T>(l, x, v128.load(g));
    const next = madd<T>(k, v128.load(b), v128.mul<T>(h, d));
    v128.store(b, next);
    v128.store(p, madd<T>(r, nesterov ? madd<T>(ahead, next, d) : next, x));
    p += 16;
    g += 16;
    b += 16;
  }
  for (; i < n; i++) {
    const x = load<T>(p);
    const d = <T>(decay * x + load<T>(g));
    const next = <T>(keep * load<T>(b) + gain * d);
    store<T>(b, next);
    store<T>(p, <T>(x - rate * (nesterov ? look * next + d : next)));
    p += sizeof<T>();
    g += sizeof<T>();
    b += sizeof<T>();
  }
}

function classical<T>(n: i32, p: usize, g: usize, b: usize, rate: T, decay: T, keep: T, gain: T): void {
  loop<T>(false, n, p, g, b, rate, decay, keep, gain, 0);
}
function nesterovs<T>(n: i32, p: usize, g: usize, b: usize, rate: T, decay: T, keep: T, gain: T, look: T): void {
  loop<T>(true, n, p, g, b, rate, decay, keep, gain, look);
}

/** One step on n elements in place; look = 0: classical momentum. */
export function momentum<T>(
  n: i32, p: usize, g: usize, b: usize, rate: T, decay: T, keep: T, gain: T, look: T,
): void {
  for (let i = 0; i < n; i += PIECE) {
    const piece = min(PIECE, n - i);
    const x = part<T>(p, i), d = part<T>(g, i), y = part<T>(b, i);
    if (look == <T>0) classical<T>(piece, x, d, y, rate, decay, keep, gain);
    else nesterovs<T>(piece, x, d, y, rate, decay, keep, gain, look);
  }
}

function plain<T>(n: i32, p: usize, g: usize, rate: T, decay: T): void {
  const w = lanes<T>();
  const r = v128.splat<T>(-rate), l = v128.splat<T>(decay);
  let i = 0;
  for (; i + w <= n; i += w) {
    const x = v128.load(p);
    v128.store(p, madd<T>(r, madd<T>(l, x, v128.load(g)), x));
    p += 16;
    g += 16;
  }
  for (; i < n; i++) {
    const x = load<T>(p);
    store<T>(p, <T>(x - rate * (decay * x + load<T>(g))));
    p += sizeof<T>();
    g += sizeof<T>();
  }
}

/** p := p - rate (g + decay p). */
export function descend<T>(n: i32, p: usize, g: usize, rate: T, decay: T): void {
  for (let i = 0; i < n; i += PIECE) plain<T>(min(PIECE, n - i), part<T>(p, i), part<T>(g, i), rate, decay);
}
