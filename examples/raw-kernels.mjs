// A matrix product on raw addresses, for hosts with their own data structures.
import { alloc, f64, free, gemm_f64, gemm_f64_work } from 'cotangent/kernels';

const n = 100;
const [a, b, c] = [alloc(n * n * 8), alloc(n * n * 8), alloc(n * n * 8)];
f64(a, n * n).fill(1);
f64(b, n * n).fill(2);
const work = alloc(gemm_f64_work(n, n, n));
gemm_f64(n, n, n, 1, a, n, 1, b, n, 1, 0, c, n, 1, work); // C = A B, row-major
console.log(f64(c, n * n)[0]); // 200
for (const address of [a, b, c, work]) free(address);
