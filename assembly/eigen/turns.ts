// The inner part of the cotangent of a symmetric matrix whose eigenvalues and eigenvectors have cotangents, and the
// triangle above the diagonal of a symmetric matrix.

/**
 * out := the symmetric matrix with (t_ij - t_ji) / (2 (w_j - w_i)) beside the diagonal, 0 where |w_j - w_i| <= level, and c on it
 * (0 if c is 0), plus x. All of them [n, n] or [n], dense.
 */
export function turns<T>(n: i32, level: T, w: usize, t: usize, c: usize, x: usize, out: usize): void {
  const size = sizeof<T>();
  const pitch = <usize>n * size;
  for (let i = 0; i < n; i++) {
    const shift = <usize>i * pitch;
    const last = shift + <usize>i * size;
    const wi = load<T>(w + <usize>i * size);
    let across = shift, down = <usize>i * size, values = w;
    for (; across < last; across += size, down += pitch, values += size) {
      const gap = load<T>(values) - wi;
      const turn: T = abs<T>(gap) <= level ? <T>0 : <T>0.5 * (load<T>(t + across) - load<T>(t + down)) / gap;
      store<T>(out + across, turn + load<T>(x + across));
      store<T>(out + down, turn + load<T>(x + down));
    }
    const own: T = c == 0 ? <T>0 : load<T>(c + <usize>i * size);
    store<T>(out + last, own + load<T>(x + last));
  }
}

/** Copies what lies below the diagonal of an n x n matrix to its place above it. */
export function mirror<T>(n: i32, a: usize): void {
  const size = sizeof<T>();
  const pitch = <usize>n * size;
  for (let first = 0; first < n; first += 8) {
    const end = min(n, first + 8);
    for (let j = 0; j < end; j++) {
      const i = max(first, j + 1);
      let to = a + <usize>j * pitch + <usize>i * size, from = a + <usize>i * pitch + <usize>j * size;
      for (let k = i; k < end; k++) {
        store<T>(to, load<T>(from));
        to += size;
        from += pitch;
      }
    }
  }
}
