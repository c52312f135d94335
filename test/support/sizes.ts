// Sizes of workspaces near and above the end of the address space: what a kernel writes at least, reckoned here.

export const WORKSPACES: readonly { name: string; args: readonly number[]; bytes: number }[] = (
  [
    ['f64', 8],
    ['f32', 4],
  ] as const
).flatMap(([dtype, size]) => {
  const row = (name: string, args: readonly number[], bytes: number) => ({
    name: name.replace('*', dtype),
    args,
    bytes,
  });
  const square = [16_380, 16_384, 23_160, 23_171, 32_760, 32_769, 46_340];
  const long = [2 ** 20, 2 ** 24 + 1, 2 ** 25, 2 ** 26, 180_000_000, 2 ** 28, 2 ** 29];
  return [
    ...square.flatMap((n) => [
      row('syevd_*_work', [1, n], 2 * n * n * size),
      row('syevd_*_work', [0, n], n * n * size),
      row('syevj_*_work', [n], 2 * n * n * size),
      row('gesdd_*_work', [1, n, n], 2 * n * n * size),
      row('gesdd_*_work', [0, n, n], n * n * size),
      row('gesvj_*_work', [n, n], 2 * n * n * size),
      row('gelsd_*_work', [n, n, 0, 1], n * n * size),
      row('sytrs_*_work', [n, n], n * n * size),
      row('sytrf_reconstruct_*_work', [n], n * n * size),
      row('geqp3_*_work', [n, n], n * n * size),
    ]),
    ...long.flatMap((n) => [
      row('qr_*_work', [n, 1], 96 * n * size),
      row('qr_*_work', [1, n], 64 * n * size),
      row('geqrs_*_work', [2, n], 64 * n * size),
      row('getrf_*_work', [n, 1], 16 * n * size),
      row('geqp3_*_work', [1, n], 3 * n * size),
      row('gesdd_*_work', [0, n, 1], 96 * n * size),
      row('gtsv_*_work', [n], 3 * n * size),
      row('gbsv_*_work', [n, 2, 2], 7 * n * size),
      row('conv_*_work', [1, 3, 1, 9, 4, n], 3 * n * size),
      row('rotate_work', [n], 64 * n),
    ]),
  ];
});
