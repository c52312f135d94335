// out := a in another element type. To i32: towards zero, saturating, NaN becomes 0. To f32: to nearest.

/** One pass over n elements. */
export function cast<From, To>(n: i32, out: usize, a: usize): void {
  for (let i = 0; i < n; i++) {
    store<To>(out, <To>load<From>(a));
    a += sizeof<From>();
    out += sizeof<To>();
  }
}
