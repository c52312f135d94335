// Ascending orders: sorting numbers, and the index list that sorts or merges them. Ties keep their order.

/** Sorts n numbers in place (Shell's method with Ciura's gaps, enlarged by 9/4). */
export function sortAscending<T>(n: i32, x: usize): void {
  const size = sizeof<T>();
  let gap = 1;
  while (gap < n / 2) gap = gap * 9 / 4 + 1;
  for (; gap > 0; gap = gap == 1 ? 0 : max(gap * 4 / 9, 1)) {
    for (let i = gap; i < n; i++) {
      const v = load<T>(x + <usize>i * size);
      let j = i;
      for (; j >= gap && load<T>(x + <usize>(j - gap) * size) > v; j -= gap) {
        store<T>(x + <usize>j * size, load<T>(x + <usize>(j - gap) * size));
      }
      store<T>(x + <usize>j * size, v);
    }
  }
}

/** Sorts a list of n indices by the numbers that they point to: for short lists and for nearly sorted ones. */
export function sortIndices<T>(n: i32, indices: usize, x: usize): void {
  for (let i = 1; i < n; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    const v = load<T>(x + <usize>index * sizeof<T>());
    let j = i;
    for (; j > 0; j--) {
      const before = load<i32>(indices + (<usize>(j - 1) << 2));
      if (load<T>(x + <usize>before * sizeof<T>()) <= v) break;
      store<i32>(indices + (<usize>j << 2), before);
    }
    store<i32>(indices + (<usize>j << 2), index);
  }
}

/** The indices first[0..m-1] and second[0..n-1], each in ascending order of x, as one list at `out`; adds `shift` to the second. */
export function mergeIndices<T>(m: i32, first: usize, n: i32, second: usize, shift: i32, x: usize, out: usize): void {
  let i = 0, j = 0;
  while (i < m || j < n) {
    const p = i < m ? load<i32>(first + (<usize>i << 2)) : 0;
    const q = j < n ? load<i32>(second + (<usize>j << 2)) + shift : 0;
    if (j >= n || (i < m && load<T>(x + <usize>p * sizeof<T>()) <= load<T>(x + <usize>q * sizeof<T>()))) {
      store<i32>(out, p);
      i++;
    } else {
      store<i32>(out, q);
      j++;
    }
    out += 4;
  }
}
