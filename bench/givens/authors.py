# Seconds that one factor of coordinate descent on the L1 norm takes as the authors' Python has it, O(d^3): for each pair with one of the last two
# rows the norm is summed anew at each of its 2 d axis transitions. For the sizes given, as JSON: {"256": 0.7, ...}.
# Run with OPENBLAS_NUM_THREADS=1 for one thread.
import json
import sys
import time

import numpy as np


def best_transition(x, y):
    """The least L1 norm of the rows x and y under a rotation, and the angle."""
    angles = np.concatenate([np.arctan2(y, x), np.arctan2(y, x) + np.pi / 2])
    c, s = np.cos(angles)[:, None], np.sin(angles)[:, None]
    norms = np.abs(c * x + s * y).sum(axis=1) + np.abs(c * y - s * x).sum(axis=1)
    k = norms.argmin()
    return norms[k], angles[k]


def seconds_of_a_factor(d):
    q, _ = np.linalg.qr(np.random.default_rng(d).standard_normal((d, d)))
    some = range(1, 1 + min(d - 1, max(2, 4096 // d)))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        for k in some:
            best_transition(q[0], q[k])
        times.append((time.perf_counter() - start) / len(some))
    return sorted(times)[1] * (2 * d - 3)


print(json.dumps({str(d): seconds_of_a_factor(d) for d in map(int, sys.argv[1:])}))
