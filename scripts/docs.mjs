// Figures in docs/embedding.md that follow from what was built: npm run docs writes them, and a test compares.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = join(root, 'docs', 'embedding.md');

/** What the table says is imported, and a program that does so. */
const PROGRAMS = [
  ['`tensor, add, sum`', 'cotangent', 'tensor, add, sum'],
  ['`tensor, grad, mul, sum`', 'cotangent', 'tensor, grad, mul, sum'],
  ['`tensor, matmul`', 'cotangent', 'tensor, matmul'],
  ['`tensor, matmul, init` with threads', 'cotangent', 'tensor, matmul, init'],
  ['`tensor, exp, tanh`', 'cotangent', 'tensor, exp, tanh'],
  ['`random`', 'cotangent', 'random'],
  [
    '`valueAndGrad, compile` and what a dense network takes',
    'cotangent',
    'valueAndGrad, compile, tensor, matmul, add, relu, mean, square, sub',
  ],
  ['`cholesky` from `cotangent/linalg`', 'cotangent/linalg', 'cholesky'],
  ['`solve` from `cotangent/linalg`', 'cotangent/linalg', 'solve'],
  ['`eigh` from `cotangent/linalg`', 'cotangent/linalg', 'eigh'],
  ['`svd` from `cotangent/linalg`', 'cotangent/linalg', 'svd'],
  ['`cg` from `cotangent/linalg`', 'cotangent/linalg', 'cg'],
  ['`minimize, lbfgs` from `cotangent/optim`', 'cotangent/optim', 'minimize, lbfgs'],
  ['`adam` from `cotangent/optim`', 'cotangent/optim', 'adam'],
  ['`quadraticProgram` from `cotangent/optim`', 'cotangent/optim', 'quadraticProgram'],
  ['`dense, sequential, activation` from `cotangent/nn`', 'cotangent/nn', 'dense, sequential, activation'],
  ['`leastSquares` from `cotangent/nodes`', 'cotangent/nodes', 'leastSquares'],
  ['`optimalTransport` from `cotangent/nodes`', 'cotangent/nodes', 'optimalTransport'],
  ['`argmin` from `cotangent/nodes`', 'cotangent/nodes', 'argmin'],
  ['`quadraticProgram` from `cotangent/nodes`', 'cotangent/nodes', 'quadraticProgram'],
  ['`doubleDescription` from `cotangent/cones`', 'cotangent/cones', 'doubleDescription'],
  ['`project` from `cotangent/cones`', 'cotangent/cones', 'project'],
  ['`coneConstraint` from `cotangent/nn`', 'cotangent/nn', 'coneConstraint'],
  ['`cones` from `cotangent`', 'cotangent', 'cones'],
  ['`factorize` from `cotangent/givens`', 'cotangent/givens', 'factorize'],
  ['`apply` from `cotangent/givens`', 'cotangent/givens', 'apply'],
  ['`laplacian` from `cotangent/graph`', 'cotangent/graph', 'laplacian'],
  ['`fourierTransform` from `cotangent/graph`', 'cotangent/graph', 'fourierTransform'],
  ['`fft` from `cotangent/fft`', 'cotangent/fft', 'fft'],
  ['`fourDVar` from `cotangent/assimilation`', 'cotangent/assimilation', 'fourDVar'],
  ['`odeint` from `cotangent/dynamics`', 'cotangent/dynamics', 'odeint'],
  ['`lorenz96, trajectory` from `cotangent/dynamics`', 'cotangent/dynamics', 'lorenz96, trajectory'],
  ['`nodes` from `cotangent`', 'cotangent', 'nodes'],
  ['everything, the GPU path included', 'cotangent', '* as all'],
];

/** dist as bundlers see the installed package. */
const installed = {
  name: 'installed',
  setup(bundler) {
    bundler.onResolve({ filter: /^cotangent(\/|$)/ }, ({ path }) => ({
      path: join(root, 'dist', `${path === 'cotangent' ? 'index' : path.replace('cotangent/', '')}.js`),
      sideEffects: false,
    }));
  },
};

/** Kilobytes of a minified bundle that uses these names, compressed. */
async function kilobytes(from, names) {
  const list = names.startsWith('*') ? names : `{ ${names} }`;
  const contents = `import ${list} from '${from}'; console.log(${names.replace('* as ', '')});`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    write: false,
    outdir: 'out',
    plugins: [installed],
    external: ['webgpu'],
  });
  return Math.round(gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024);
}

/** The table of bundles: what is imported, and kilobytes. */
export const bundles = () =>
  Promise.all(PROGRAMS.map(async ([title, from, names]) => [title, await kilobytes(from, names)]));

/** Megabytes of the files that are published below dist. */
export function megabytes() {
  const files = readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true });
  return (
    files.reduce(
      (sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath, file.name)).size : 0),
      0,
    ) / 1e6
  );
}

/** The sub-paths in the table of the page, as package.json has them. */
export function subPaths() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => `cotangent${path.slice(1)}`);
}

async function write() {
  const rows = (await bundles()).map(([title, size]) => `| ${title} | ${size} KB |`);
  const text = readFileSync(PAGE, 'utf8')
    .replace(/(\| imported \| gzip, WASM included \|\n\|---\|---\|\n)(?:\|.*\n)+/, `$1${rows.join('\n')}\n`)
    .replace(/installs nothing else \([\d.]+ MB/, `installs nothing else (${megabytes().toFixed(1)} MB`);
  writeFileSync(PAGE, text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await write();
