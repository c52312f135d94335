// Symmetries of Kolmogorov flow on its grid: from one state they make others that are as likely.

/**
 * The symmetries of a flow forced by sin(k y): shifts along x; half periods along y with a reflection of x, whole periods without; and turns by π.
 * @param wavenumber must divide n / 2.
 */
export function flowSymmetries({ n, wavenumber }) {
  const half = n / (2 * wavenumber);
  if (!Number.isInteger(half)) throw new Error(`the wavenumber ${wavenumber} must divide n / 2 = ${n / 2}`);
  const size = n * n;
  const wrapped = (i) => ((i % n) + n) % n;
  return {
    count: n * 2 * wavenumber * 2,
    /** One of them by chance. */
    draw: (integer) => ({
      right: integer(n),
      halves: integer(2 * wavenumber),
      turned: integer(2) === 1,
    }),
    /** Writes velocities on faces, [count, 2, n, n], moved by one of them. */
    apply({ right, halves, turned }, from, to) {
      const mirrored = halves % 2 === 1;
      // u lies at ((i + 1) h, (j + ½) h), v at ((i + ½) h, (j + 1) h): where x -> -x takes index i to -i - 2 or -i - 1.
      const flipX = mirrored !== turned;
      const [signU, signV] = [flipX ? -1 : 1, turned ? -1 : 1];
      for (let plane = 0; plane < from.length / size; plane++) {
        const isU = plane % 2 === 0;
        const sign = isU ? signU : signV;
        const cols = Int32Array.from({ length: n }, (_, j) => {
          const back = j - halves * half;
          return wrapped(turned ? -back - (isU ? 1 : 2) : back);
        });
        for (let i = 0; i < n; i++) {
          const back = i - right;
          const row = plane * size + n * wrapped(flipX ? -back - (isU ? 2 : 1) : back);
          const at = plane * size + n * i;
          for (let j = 0; j < n; j++) to[at + j] = sign * from[row + cols[j]];
        }
      }
    },
  };
}
