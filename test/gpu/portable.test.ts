// The portable kernels on WebGPU in Node; browser.test.ts runs the same checks in a browser, on WebGL2 too.
import { gpuSuite } from './device.js';
import { convolution } from './portable/convolution.js';
import { elementwise } from './portable/elementwise.js';
import { ensembles } from './portable/lorenz96.js';
import { reductions } from './portable/reductions.js';
import { transport } from './portable/sinkhorn.js';

const test = await gpuSuite('gpu portable kernels');

for (const checks of [elementwise, reductions, convolution, transport, ensembles])
  for (const [name, check] of Object.entries(checks)) test(name, check);

test.run();
