// A custom operation: a WASM kernel on the library's memory, with its derivative. It has gradients of any order.
import { checkGradients, defineOp, grad, kernels, mul, square, sum, tensor } from 'cotangent';

// (func (export "cube") (param $n i32) (param $out i32) (param $x i32) …): out[i] := x[i]^3 over n doubles. Your kernel
// may be written in AssemblyScript, C or Rust; it imports only the memory.
const binary = Buffer.from(
  'AGFzbQEAAAABBwFgA39/fwACEgEDZW52Bm1lbW9yeQIBAYCABAMCAQAHCAEEY3ViZQAACjwBOgEBfANAIABBAEoEQCACKwMAIQMgASAD' +
    'IAMgA6KiOQMAIAJBCGohAiABQQhqIQEgAEEBayEADAELCws=',
  'base64',
);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), {
  env: { memory: kernels.wasmMemory() },
});

const cube = defineOp({
  name: 'cube',
  shape: ([x]) => x,
  run: (out, [x]) => exports.cube(x.size, out.address, x.address),
  jvp: ([t], { inputs: [x] }) => mul(t, mul(square(x), 3)), // the reverse rule follows by transposition
});

const x = tensor([1, 2, 3]);
const f = (y) => sum(cube(y));
console.log(cube(x).toArray());
console.log(grad(f)(x).toArray());
console.log(grad((y) => sum(grad(f)(y)))(x).toArray());
checkGradients(f, [x], { order: 2 });
