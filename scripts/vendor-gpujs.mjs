// Bundles the two gpu.js backends that we use into dist/vendor/gpu.js, with the licences of what is in it.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

// Only kernels and handles: neither gpu.js's `GPU` class, which may choose another backend by itself, nor
// its CPU and WebAssembly kernels, its worker pool, or anything that calls `new Function`. The one file
// therefore loads in Node and in a browser alike, under a content security policy too.
const entry = `
export { WebGPUKernel } from 'gpu.js/src/backend/web-gpu/kernel.js';
export { WebGPUContext } from 'gpu.js/src/backend/web-gpu/context.js';
export { WebGPUBufferResult } from 'gpu.js/src/backend/web-gpu/buffer-result.js';
export { WebGL2Kernel } from 'gpu.js/src/backend/web-gl2/kernel.js';
export { GLTextureArray4Float3D } from 'gpu.js/src/backend/gl/texture/array-4-float-3d.js';
export { GLTextureMemoryOptimized3D } from 'gpu.js/src/backend/gl/texture/memory-optimized-3d.js';
export { Input } from 'gpu.js/src/input.js';
`;

// `Kernel.toString()` prints a kernel as a stand-alone program. We never call it, and it brings a recorder
// of GL calls whose generated text alarms scanners of packages.
const withoutPrinter = {
  name: 'without-kernel-printer',
  setup(bundler) {
    bundler.onLoad({ filter: /gpu\.js[\\/]src[\\/]backend[\\/]gl[\\/]kernel-string\.js$/ }, () => ({
      contents: 'module.exports = { glKernelString() { throw new Error("not part of this bundle"); } };',
    }));
  },
};

/** Writes dist/vendor/gpu.js and dist/vendor/gpu.js.LICENSE.txt below `root`. */
export async function vendorGpuJs(root) {
  const result = await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'vendor-gpu.js' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    plugins: [withoutPrinter],
    metafile: true,
    write: false,
    absWorkingDir: root,
  });
  const code = result.outputFiles[0].text;
  const leftOver = /\brequire\(|\bnew Function\b|\beval\(/.exec(code);
  if (leftOver) throw new Error(`vendor-gpujs: the bundle still contains ${leftOver[0]}`);

  const folder = path.join(root, 'dist', 'vendor');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'gpu.js'), `// gpu.js, bundled; see gpu.js.LICENSE.txt\n${code}`);
  await writeFile(
    path.join(folder, 'gpu.js.LICENSE.txt'),
    await licencesOf(
      root,
      Object.keys(result.metafile.inputs),
      'dist/vendor/gpu.js contains code of these packages.',
    ),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await vendorGpuJs(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
}
