# Kolmogorov flow in numpy with scipy.fft, the schemes of dynamics.kolmogorovFlow, float32, one interval of 25 steps; served line by line, so that it is timed in
# turn with another process. A request is JSON: {"form", "state"} gives {"state"}, the state behind the interval (base64 of float32);
# {"form", "count"} gives {"ms"}, the milliseconds of an interval, the mean over so many from the last state that was given.
# Run with OPENBLAS_NUM_THREADS=1 for one thread; scipy.fft takes one by default.
import base64
import json
import sys
import time

import numpy as np
import scipy.fft as sf

T = np.float32
N, VISCOSITY, DAMPING, WAVES, STEPS = 64, 0.01, 0.1, 4, 25
H = 2 * np.pi / N
DT = 0.5 * H / 7


class Volumes:
    """Velocity [2, n, n] on faces: van Leer's limited fluxes, forward Euler, projection by transforms. Both components at once; neighbours are slices of an
    array with two cells more on every side, which is faster than np.roll."""

    def __init__(self):
        n = N
        k = np.arange(n)
        one = (2 * np.cos(2 * np.pi * k / n) - 2) / H**2
        eigenvalues = one[:, None] + one[None, : n // 2 + 1]
        eigenvalues[0, 0] = 1
        self.inverses = (1 / eigenvalues).astype(T)
        self.inverses[0, 0] = 0
        self.force = (DT * np.sin(WAVES * (k + 0.5) * H)).astype(T)
        self.padded = np.empty((2, n + 4, n + 4), T)
        self.s, self.viscosity, self.keep = T(DT / H), T(DT * VISCOSITY / H**2), T(1 - DT * DAMPING)

    def flux(self, left, c, right, beyond, a):
        forward = a > 0
        d = right - c
        e = np.where(forward, c - left, beyond - right)
        p = d * e
        rises = p > 0
        limited = np.where(rises, (p + p) / np.where(rises, d + e, T(1)), T(0))
        size = np.abs(a)
        return a * np.where(forward, c, right) + T(0.5) * size * (T(1) - self.s * size) * limited

    def step(self, x):
        n, p = N, self.padded
        p[:, 2:-2, 2:-2] = x
        p[:, :2, 2:-2], p[:, -2:, 2:-2] = x[:, -2:], x[:, :2]
        p[:, :, :2], p[:, :, -2:] = p[:, :, n : n + 2], p[:, :, 2:4]
        # Speeds of u and v at the faces behind the cells -1 ... n - 1 along x, then along y.
        u, v = p
        ax = np.empty((2, n + 1, n), T)
        np.add(u[1:-2, 2:-2], u[2:-1, 2:-2], out=ax[0])
        np.add(u[1:-2, 2:-2], u[1:-2, 3:-1], out=ax[1])
        ay = np.empty((2, n, n + 1), T)
        np.add(v[2:-2, 1:-2], v[3:-1, 1:-2], out=ay[0])
        np.add(v[2:-2, 1:-2], v[2:-2, 2:-1], out=ay[1])
        ax *= T(0.5)
        ay *= T(0.5)
        fx = self.flux(p[:, :-3, 2:-2], p[:, 1:-2, 2:-2], p[:, 2:-1, 2:-2], p[:, 3:, 2:-2], ax)
        fy = self.flux(p[:, 2:-2, :-3], p[:, 2:-2, 1:-2], p[:, 2:-2, 2:-1], p[:, 2:-2, 3:], ay)
        around = p[:, 1:-3, 2:-2] + p[:, 3:-1, 2:-2] + p[:, 2:-2, 1:-3] + p[:, 2:-2, 3:-1]
        inward = fx[:, :-1] - fx[:, 1:] + fy[:, :, :-1] - fy[:, :, 1:]
        y = self.s * inward + self.viscosity * (around - T(4) * x) + self.keep * x
        y[0] += self.force
        # Without its divergence.
        b = y[0] + y[1]
        b[1:] -= y[0, :-1]
        b[0] -= y[0, -1]
        b[:, 1:] -= y[1, :, :-1]
        b[:, 0] -= y[1, :, -1]
        b *= T(1 / H)
        z = sf.rfft2(b)
        z *= self.inverses
        q = sf.irfft2(z, s=(n, n))
        q *= T(1 / H)
        y += q
        y[0, :-1] -= q[1:]
        y[0, -1] -= q[0]
        y[1, :, :-1] -= q[:, 1:]
        y[1, :, -1] -= q[:, 0]
        return y

    def interval(self, x):
        for _ in range(STEPS):
            x = self.step(x)
        return x

    shape = (2, N, N)


class Spectral:
    """Vorticity [n, n]: the 2/3 rule, RK4. The four fields of the advection come of one call."""

    def __init__(self):
        n = N
        kx, ky = np.fft.fftfreq(n, 1 / n)[:, None], np.arange(n // 2 + 1.0)[None]
        k2 = kx**2 + ky**2
        cut = (np.abs(kx) < n / 3) & (ky < n / 3)
        inverse = np.where(k2 > 0, 1 / np.where(k2 > 0, k2, 1), 0)
        # u, v and the derivatives of the vorticity.
        self.factors = (np.stack([1j * ky * inverse, -1j * kx * inverse, 1j * kx + 0 * ky, 1j * ky + 0 * kx]) * cut).astype(np.complex64)
        self.linear = (-VISCOSITY * k2 - DAMPING).astype(T)
        self.cut = (-cut.astype(T)).astype(T)
        curl = np.broadcast_to(-WAVES * np.cos(WAVES * np.arange(n) * H), (n, n)).astype(T)
        self.curl = sf.rfft2(curl)

    def slope(self, w):
        u, v, wx, wy = sf.irfft2(self.factors * w, s=(N, N))
        u *= wx
        v *= wy
        u += v
        k = sf.rfft2(u)
        k *= self.cut
        k += self.linear * w
        k += self.curl
        return k

    def step(self, w):
        half, whole, sixth = T(DT / 2), T(DT), T(DT / 6)
        a = self.slope(w)
        b = self.slope(w + half * a)
        c = self.slope(w + half * b)
        d = self.slope(w + whole * c)
        b += c
        b *= T(2)
        b += a
        b += d
        b *= sixth
        b += w
        return b

    def interval(self, x):
        w = sf.rfft2(x)
        for _ in range(STEPS):
            w = self.step(w)
        return sf.irfft2(w, s=(N, N))

    shape = (N, N)


forms = {"finiteVolume": Volumes(), "spectral": Spectral()}
states = {}
for line in sys.stdin:
    request = json.loads(line)
    form = forms[request["form"]]
    if "state" in request:
        x = np.frombuffer(base64.b64decode(request["state"]), T).reshape(form.shape)
        states[request["form"]] = x
        y = form.interval(x)
        assert y.dtype == T
        answer = {"state": base64.b64encode(np.ascontiguousarray(y).tobytes()).decode()}
    else:
        x, count = states[request["form"]], request["count"]
        start = time.perf_counter()
        for _ in range(count):
            form.interval(x)
        answer = {"ms": (time.perf_counter() - start) * 1e3 / count}
    print(json.dumps(answer), flush=True)
