// Every test problem of Moré, Garbow and Hillstrom by every method that uses curvature, from the standard start.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optim, scope, type Tensor, tensor } from '#src/index.js';
import { type Problem, problems, sumOfSquares } from '../support/more-garbow-hillstrom.js';

/**
 * What does not suit what. Of Meyer's problem the Hessian has condition 1e13 and more, where the rounding of products keeps
 * conjugate gradients from converging and a shift of the identity from being small. Osborne 1 and Biggs EXP6 have valleys whose
 * curvature lies below a cut-off of 1e-6. Gauss-Newton has no safeguard where J loses its rank on the way (Freudenstein and Roth,
 * Biggs EXP6) or the residuals stay large at the minimum (Jennrich and Sampson).
 */
const UNSUITED: Record<string, readonly string[]> = {
  'newton, eigenvalues': ['Osborne 1', 'Biggs EXP6'],
  'newton, cholesky': ['Meyer'],
  newtonCg: ['Meyer'],
  'trustRegion, steihaug': ['Meyer'],
  'trustRegion, dogleg': ['Biggs EXP6'],
  gaussNewton: ['Freudenstein and Roth', 'Jennrich and Sampson', 'Biggs EXP6'],
};

const methods = {
  'newton, eigenvalues': optim.newton(),
  'newton, absolute': optim.newton({ modification: 'absolute' }),
  'newton, cholesky': optim.newton({ modification: 'cholesky' }),
  newtonCg: optim.newtonCg(),
  'trustRegion, steihaug': optim.trustRegion(),
  'trustRegion, dogleg': optim.trustRegion({ subproblem: 'dogleg' }),
};

/** Where gradients of 1e-8 are below the rounding of what they are made of, so that no method sees its end. */
const ROUGH = ['Meyer', 'Brown and Dennis', 'Jennrich and Sampson', 'Freudenstein and Roth', 'Trigonometric'];

/** A minimum of the problem, to the digits that it is known to. */
function isMinimum(value: number, { minimum, others = [] }: Problem): boolean {
  const within = (m: number, digits: number) => Math.abs(value - m) <= (m === 0 ? 1e-8 : digits * m);
  return within(minimum, 1e-7) || others.some((m) => within(m, 1e-5));
}

const OPTIONS = { gradientTolerance: 1e-8, maxIterations: 2000, throws: false } as const;

const suited = (name: string) => problems.filter((problem) => !UNSUITED[name]?.includes(problem.name));

for (const [name, method] of Object.entries(methods)) {
  test(`minimize by ${name}`, () => {
    for (const problem of suited(name)) {
      scope(() => {
        const s = optim.minimize(sumOfSquares(problem), tensor(problem.x0), method, OPTIONS);
        assert.ok(isMinimum(s.value, problem), `${problem.name}: ${s.message}`);
        assert.ok(s.converged || ROUGH.includes(problem.name), `${problem.name}: ${s.message}`);
      });
    }
  });
}

for (const method of [optim.levenbergMarquardt(), optim.gaussNewton()]) {
  test(`leastSquares by ${method.name}`, () => {
    for (const problem of suited(method.name)) {
      scope(() => {
        const s = optim.leastSquares(problem.residuals, tensor(problem.x0), method, OPTIONS);
        assert.ok(isMinimum(2 * s.value, problem), `${problem.name}: ${s.message}`);
        assert.ok(s.converged || ROUGH.includes(problem.name), `${problem.name}: ${s.message}`);
      });
    }
  });
}

test('in f32 every method reaches minima of well-scaled problems to 1e-3', () => {
  for (const name of ['Rosenbrock', 'Beale', 'Helical valley', 'Bard', 'Box, three dimensions']) {
    const problem = problems.find((p) => p.name === name) as Problem;
    const value = (v: number) =>
      assert.ok(Math.abs(v - problem.minimum) < 1e-3, `${name}: ${v}, want ${problem.minimum}`);
    scope(() => {
      const x0 = () => tensor(problem.x0, { dtype: 'f32' }) as Tensor;
      for (const method of Object.values(methods))
        value(optim.minimize(sumOfSquares(problem), x0(), method).value);
      for (const method of [optim.levenbergMarquardt(), optim.gaussNewton()])
        value(2 * optim.leastSquares(problem.residuals, x0(), method).value);
    });
  }
});

test.run();
