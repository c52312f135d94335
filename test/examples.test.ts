// Every example runs and prints what its reader is promised.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync, inflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

// The test runner asks for colours, which the patterns do not expect.
const OPTIONS = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, FORCE_COLOR: '0' } } as const;

/** Where pictures go. */
const output = mkdtempSync(join(tmpdir(), 'cotangent-examples-'));

/** What makes an example small enough for a test. */
const ARGUMENTS: Record<string, string[]> = {
  'cones.mjs': ['--quick'],
  'givens.mjs': ['--quick'],
  'kolmogorov.mjs': ['--quick'],
  'lorenz96.mjs': ['--quick'],
  'nodes.mjs': ['--quick'],
  'proxprop.mjs': ['--quick'],
  'rosenbrock.mjs': ['--n', '200'],
  'vae.mjs': ['--epochs', '6', '--count', '1500'],
};

/** The last lines that each example prints. */
const PROMISES: Record<string, RegExp> = {
  // Outputs are within their constraints to rounding, but with soft penalties.
  'cones.mjs':
    /^digits drawn by this program .*: 400 to train on, 100 to validate on, 16 x 16\n\nFigure 3: [\s\S]*\n( {2}(test time projection|constrained, box|ray constraint) .* (0|\de-\d+) +(0|\de-\d+)\n){4}( {2}soft penalty, .* \d+\.\d+ .*\n){3}[\s\S]*\nFigure 5: [\s\S]*\n( {2}(constrained|ray constraint) .* (0|\de-\d+) +(0|\de-\d+)\n){2}[\s\S]*\nTable 1: [\s\S]*\n\d+ s; .*\n(.*cones-(projection|digits|vae|samples)\.svg\n){4}$/,
  'first-program.mjs':
    /\[ '1\.000000', '-2\.000000', '3\.000000' \]\n\{ tensors: 4, bytes: \d+, heapBytes: \d+ \}\n$/,
  // Every study has its table and its picture; elimination with all factors is exact, and l1 is ahead of the others on graphs.
  'givens.mjs':
    /^Figure 1: [\s\S]*\nFigure 2: [\s\S]*\n {2}structured elimination .* 0\.000 ± 0\.000\n[\s\S]*\nFigures 3 and 4: [\s\S]*\n {2}1\.00( +\d+){3} +[12]\.\d\d\n[\s\S]*\nTable 1 and Figure 5: [\s\S]*\n {2}greedy is ahead of l1 at: none\.\n[\s\S]*\nTable 2 and Figure 6: [\s\S]*\n {2}Facebook .*\n[\s\S]*\nA signal on .*\n([\s\S]*)\nOptions of [\s\S]*\nProducts by [\s\S]*\n\d+ s; .*\n(.*givens-(sparsity|methods|planted|exponents|graphs|networks|signal|products)\.svg\n){8}$/,
  // Finite volumes come closer to the spectral form on finer grids; Table 3 has its four rows, the baseline first; and starts by the network are ahead.
  'kolmogorov.mjs':
    /^not the paper's sizes: n 16 [\s\S]*\nBoth forms of the flow [\s\S]*\n( {2}finite volumes, \d+ x \d+ ( +-\d+\.\d %){4}\n){3}[\s\S]*\n +mean relative L1 error .*\n {2}baseline start, observation space .* 1\.000 +1\.00\n( {2}(baseline|inverse) start, .* 0\.\d\d\n){3}[\s\S]*( {2}inverse start, .* against .* p = .*\n){3} {2}by means, inverse starts are ahead of the baseline: as in the paper; [\s\S]*\n\d+ s; .*\n.*kolmogorov-forms\.svg\n.*kolmogorov-starts\.svg\n(.*kolmogorov-(forecast|objectives|snapshots)\.svg\n){3}.*kolmogorov-forecast\.html\n$/,
  'least-squares.mjs':
    /^2000 x 2000 system: .* s\nresidual: \d\.\de-\d of .*\nfit: [01]\.\d+, -[12]\.\d+, -?0\.\d+, [23]\.\d+ .*rank 4\nstandard deviation of the noise: 0\.[12]\d .*\n.*least-squares\.svg\n$/,
  // The baseline is the unit of the table, and hybrid assimilation is ahead of it from both starts.
  'lorenz96.mjs':
    /^Lorenz96, .*\nnot the paper's sizes: .*\n\nFigures 3, 4, 5 and Table 3: [\s\S]*\n {2}baseline start, observation space .* 1\.000 +1\.00\n {2}baseline start, hybrid .* 0\.\d{3} +0\.08\n {2}inverse start, observation space .* [01]\.\d{3} +0\.25\n {2}inverse start, hybrid .* 0\.\d{3} +0\.07\n {2}minimisations ended: .*\n.*\n( {2}.* against .* wins +\d of 6 {3}p = [01]\.\d{3}\n){4}[\s\S]*\nBeyond the paper: [\s\S]*\n {2}cycle with B, L-BFGS [\s\S]*\n {2}ensembles of 6 .*\n.*\n\nBeyond the paper: an emulator .*\n {2}emulator of 10657 numbers: 100 .*\n[\s\S]*\n {2}emulator +\d\.\d{3} [\s\S]*( {2}6 windows of [12]0 .*\n.*\n( {2}.* ± .*\n){3}.*\n( {2}.*: better in \d of 6 {3}p = [01]\.\d{3}\n){2}){2}.*\n\n\d+ s; .*\n(.*lorenz96-(starts|forecast|trajectories)\.svg\n){3}$/,
  'mnist.mjs':
    /^digits drawn by this program .*: 4000 to train on, 1000 to test on\n(epoch .*\n)+(finished|early) after .*\n.*mnist\.safetensors: 101770 parameters\n.*mnist-loss\.svg\n.*mnist-digits\.svg\ntest: loss 0\.\d+, accuracy (9\d|100)\.\d %\n$/,
  'newton.mjs': /\|g\| = \d\.\d+e[-+]\d+\n\[ '1\.000000', '1\.000000', '1\.000000', '1\.000000' \]\n$/,
  // What is learnt has begun to fall; times are not asked for.
  'nodes.mjs':
    /^Figure 34[\s\S]*\nFigures 36 and 37[\s\S]*\nFigure 38, left[\s\S]*\nFigure 38, right.*\n.* \(gradients agree to \de-1[1-6]\)\n[\s\S]*\nA bi-level program[\s\S]*\nMatching[\s\S]*\nBlind PnP[\s\S]*\nA pendulum[\s\S]*\n\d+ s; .*\n(.*nodes-(least-squares|transport)-(time|backward|memory)\.svg\n){6}(.*nodes-eigen-(time|backward)\.svg\n){2}(.*nodes-(bilevel|matching|pose|pendulum-loss|pendulum)\.svg\n){5}$/,
  'own-kernel.mjs': /^\[ 1, 8, 27 \]\n\[ 3, 12, 27 \]\n\[ 6, 12, 18 \]\n$/,
  // Every claim of the paper that so small a network can show holds.
  'proxprop.mjs':
    /Table 1: [\s\S]*Figure 2: [\s\S]*(.*proxprop-solvers-(epochs|time|accuracy)\.svg\n){3}[\s\S]*(.*proxprop-adam-(epochs|time|accuracy)\.svg\n){3}\n\d+ s\n(holds: .*\n){7}$/,
  'raw-kernels.mjs': /^200\n$/,
  'recurrent.mjs':
    /^third passage after 2\.5422 s\nd\/d length: 1\.2737, d\/d angle: 0\.1614\ndifferences: 1\.2737, 0\.1614\n$/,
  // Every claim of the text holds: quadratic, superlinear, who is ahead when, and the condition of the Hessian.
  'rosenbrock.mjs':
    /condition of the Hessian at the minimum: 361\d\.\d\n(.*rosenbrock-(long|short)-(iterations|time)\.svg\n){4}BFGS: .*\nL-BFGS: .*\n(holds: .*\n){8}$/,
  'threads.mjs': /the same bits\n$/,
  'vae.mjs':
    /^digits drawn by this program .*: 1500 to train on, 375 to validate on\n(epoch .*\n){6}(.*vae-(loss|reconstructions|samples)\.svg\n){3}validation: (1[5-9]|2[0-4])\d\.\d nats, .* for the code \(at first [23]\d\d\.\d\)\n$/,
};

for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs'))) {
  test(name, () => {
    assert.ok(PROMISES[name], `${name} has no promise here`);
    assert.match(
      execFileSync(process.execPath, [folder + name, output, ...(ARGUMENTS[name] ?? [])], OPTIONS),
      PROMISES[name],
    );
  });
}

test('the pictures of the Rosenbrock function have a curve for every method', () => {
  for (const name of ['long-iterations', 'long-time', 'short-iterations', 'short-time']) {
    const svg = readFileSync(join(output, `rosenbrock-${name}.svg`), 'utf8');
    assert.match(svg, /^<svg /);
    // How many of the others begin within the time that a picture shows is a matter of the machine.
    const methods = name.endsWith('time') ? ['L-BFGS'] : ['gradient descent', 'Newton', 'BFGS', 'L-BFGS'];
    for (const method of methods) assert.match(svg, new RegExp(`series: ${method};`));
  }
});

test('givens.mjs reads networks from a folder, and draws signals on the vertices of one', () => {
  writeFileSync(
    join(output, 'minnesota.mtx'),
    '%%MatrixMarket matrix coordinate pattern symmetric\n4 4 4\n2 1\n3 1\n3 2\n4 3\n',
  );
  writeFileSync(join(output, 'out.arenas-email'), '% sym unweighted\n1 2\n2 3\n3 1\n');
  const args = [`${folder}givens.mjs`, output, '--quick', '--only', 'networks', '--networks', output];
  const text = execFileSync(process.execPath, args, OPTIONS);
  assert.match(text, /\n {2}Minnesota +2642 3304 {2}minnesota\.mtx +4 +4 +0\.\d+/);
  assert.match(text, /\n {2}EMail +1133 5451 {2}out\.arenas-email +3 +3 +0\.\d+/);
  assert.match(text, /\n {2}Facebook +2888 2981 {2}stand-in: .*\n/);
  const svg = readFileSync(join(output, 'givens-signal.svg'), 'utf8');
  assert.is(svg.match(/<circle /g)?.length, 4 * 60);
});

test('the page of the flow plays three vorticities, whole and without the network', () => {
  const page = readFileSync(join(output, 'kolmogorov-forecast.html'), 'utf8');
  assert.not.match(page, /https?:|<link|src=/);
  const [, json] = page.match(/<script type="application\/json" id="data">(.*?)<\/script>/) ?? [];
  const { n, count, shades, panels } = JSON.parse(json);
  assert.equal([n, shades.length, panels.map(({ name }: { name: string }) => name)], [16, 32, ['truth', 'baseline', 'proposed']]); // biome-ignore format: short
  for (const { data, errors } of panels as { data: string; errors?: number[] }[]) {
    const differences = inflateRawSync(Buffer.from(data, 'base64'));
    assert.is(differences.length, count * n * n);
    const frame = new Uint8Array(n * n);
    differences.forEach((change, i) => void (frame[i % (n * n)] += change));
    assert.ok(Math.max(...frame) < 32 && Math.max(...frame) > 16 && Math.min(...frame) < 15);
    assert.is(errors?.length ?? count, count);
  }
  const [baseline, proposed] = [1, 2].map((k) => panels[k].errors[count - 1] as number);
  assert.ok(proposed < baseline, `${proposed}, ${baseline}`);
  const starts = readFileSync(join(output, 'kolmogorov-starts.svg'), 'utf8');
  assert.is(starts.match(/<circle /g)?.length, 16);
});

test('the nodes learn, and every study has its pictures', () => {
  const shown = (name: string) => readFileSync(join(output, `nodes-${name}.svg`), 'utf8');
  for (const study of ['least-squares', 'transport'])
    for (const [what, methods] of [
      ['time', /unrolled/],
      ['memory', /implicit/],
    ] as const)
      assert.match(shown(`${study}-${what}`), methods);
  assert.match(shown('eigen-backward'), /a linear system per eigenvector/);
  const text = execFileSync(
    process.execPath,
    [`${folder}nodes.mjs`, output, '--quick', '--only', 'bilevel,matching,pose,pendulum'],
    OPTIONS,
  );
  // [at first, at the end] of each program.
  const losses = [...text.matchAll(/loss ([\d.e+-]+)(?: at first,| to) ([\d.e+-]+)/g)].map(([, ...pair]) =>
    pair.map(Number),
  );
  assert.is(losses.length, 6);
  for (const [first, last] of losses) assert.ok(last < first, `${first} to ${last}`);
  const pendulum = shown('pendulum');
  assert.is(pendulum.match(/<animateTransform /g)?.length, 3);
});

test('the pictures of Lorenz96 have both starts, the four settings with bands, and five maps', () => {
  const shown = (name: string) => readFileSync(join(output, `lorenz96-${name}.svg`), 'utf8');
  // In each of two charts: a curve of the truth and one of the start, ten points observed.
  const starts = shown('starts');
  for (const series of ['truth', 'start'])
    assert.is(starts.match(new RegExp(`series: ${series};`, 'g'))?.length, 2);
  assert.is(starts.match(/"x: \d+; y: [^;"]+"/g)?.length, 20);
  const forecast = shown('forecast');
  for (const start of ['baseline', 'inverse'])
    for (const space of ['observation space', 'hybrid'])
      assert.match(forecast, new RegExp(`series: ${start} start, ${space}`));
  assert.match(forecast, />forecast</);
  assert.is(shown('trajectories').match(/<image /g)?.length, 6);
});

test('the test of paired differences is that of Wilcoxon', async () => {
  const { signedRankTest } = await import(new URL('support/signed-rank.mjs', pathToFileURL(folder)).href);
  // An example of SciPy's scipy.stats.wilcoxon, with its exact p-value.
  const heights = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
  assert.equal(signedRankTest(heights), { n: 15, positive: 96, negative: 24, p: 0.041259765625 });
  // All of n pairs agree: 2 / 2^n; a difference of 0 is none; nothing differs.
  assert.equal(signedRankTest([3, 1, 2, 0]), { n: 3, positive: 6, negative: 0, p: 0.25 });
  assert.equal(signedRankTest([0, 0]), { n: 0, positive: 0, negative: 0, p: 1 });
  // Ties, by all 2^n signs.
  const tied = [1, -1, 1, 2, 2, -3, 4];
  const ranks = [2, 2, 2, 4.5, 4.5, 6, 7];
  const sum = (signs: number) => ranks.reduce((s, rank, i) => s + ((signs >> i) & 1 ? rank : 0), 0);
  const all = Array.from({ length: 2 ** tied.length }, (_, signs) => sum(signs));
  const negative = 2 + 6;
  const { p, ...rest } = signedRankTest(tied);
  assert.equal(rest, { n: 7, positive: 28 - negative, negative });
  assert.is(p, (2 * all.filter((s) => s <= negative).length) / all.length);
});

test('the pictures are SVG with both curves and the points', () => {
  const svg = readFileSync(join(output, 'least-squares.svg'), 'utf8');
  assert.match(svg, /^<svg /);
  assert.ok((svg.match(/<path aria-label="t: /g) ?? []).length >= 60);
});

test('mnist.mjs takes the IDX files of MNIST, packed or not', () => {
  const bytes = (type: number, shape: number[], element: (i: number) => number) => {
    const count = shape.reduce((a, b) => a * b);
    const head = [0, 0, type, shape.length, ...shape.flatMap((n) => [n >> 24, n >> 16, n >> 8, n])];
    return Uint8Array.from([...head, ...Array.from({ length: count }, (_, i) => element(i))]);
  };
  for (const [half, n] of [
    ['train', 200],
    ['t10k', 50],
  ] as const) {
    // The label is how bright the image is.
    writeFileSync(
      join(output, `${half}-images-idx3-ubyte.gz`),
      gzipSync(bytes(8, [n, 28, 28], (i) => 25 * (Math.floor(i / 784) % 10))),
    );
    writeFileSync(
      join(output, `${half}-labels.idx1-ubyte`),
      bytes(8, [n], (i) => i % 10),
    );
  }
  const args = [`${folder}mnist.mjs`, output, '--data', output, '--epochs', '2'];
  assert.match(
    execFileSync(process.execPath, args, OPTIONS),
    /^MNIST in .*: 200 to train on, 50 to test on\n(epoch .*\n){2}(.*\n)*test: .*accuracy \d+\.\d %\n$/,
  );
});

test.after(() => rmSync(output, { recursive: true, force: true }));

test.run();
