# Milliseconds of native LAPACK (through SciPy) on the sizes given as JSON, f64, as JSON: {"cholesky 1024": 15.6, ...}.
# Run with OPENBLAS_NUM_THREADS=1 for one thread.
import json
import sys
import time

import numpy as np
import scipy.linalg as sl


def median(f, runs=5):
    f()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)[runs // 2]


def work(kernel, n):
    a = np.random.default_rng(n).standard_normal((n, n))
    if kernel == "cholesky":
        s = a @ a.T + n * np.eye(n)
        return lambda: sl.cholesky(s, lower=True, check_finite=False)
    if kernel == "lu":
        return lambda: sl.lu_factor(a, check_finite=False)
    if kernel == "qr":
        return lambda: sl.qr(a, mode="economic", check_finite=False)
    if kernel == "eigh":
        t = a + a.T
        return lambda: sl.eigh(t, driver="evd", check_finite=False)
    if kernel == "svd":
        return lambda: sl.svd(a, lapack_driver="gesdd", check_finite=False)
    if kernel == "solve":
        b = np.random.default_rng(1).standard_normal((n, 100))
        return lambda: sl.lu_solve(sl.lu_factor(a, check_finite=False), b, check_finite=False)
    raise SystemExit(f"no kernel {kernel}")


print(json.dumps({f"{k} {n}": median(work(k, n)) for k, n in json.loads(sys.argv[1])}))
