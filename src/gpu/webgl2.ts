// The WebGL2 backend: textures with four columns per texel, multiplied by gpu.js kernels in fragment shaders.

import { DeviceError, OutOfMemoryError } from '../core/errors.js';
import * as kernels from '../generated/gpu-kernels.js';
import {
  type Backend,
  type DeviceInfo,
  describe,
  elements,
  type MatrixStack,
  type Product,
  padded,
  type RowSums,
} from './backend.js';
import { kernelSettings, loadGpuJs, type TextureHandle, type WebGl2Kernel } from './gpujs.js';
import { takeContext } from './webgl2-context.js';
import { launcher, type TexelResident } from './webgl2-kernels.js';

/** Opens the backend on an unused context, and compiles the kernels. */
export async function openWebGl2(
  gl: WebGL2RenderingContext,
  name: string,
  software: boolean,
): Promise<Backend> {
  const gpujs = await loadGpuJs();
  takeContext(gl);
  if (!gpujs.WebGL2Kernel.isSupported)
    throw new DeviceError('gpu.init: gpu.js finds no WebGL2 context of its own here');
  const info: DeviceInfo = { backend: 'webgl2', adapter: name, software };
  const maximumSide = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  let destroyed = false;

  function lost(): string | undefined {
    if (destroyed) return 'gpu.destroy() was called';
    return gl.isContextLost() ? 'the WebGL2 context was lost' : undefined;
  }

  // WebGL reports a lack of memory only when asked, and asking waits for the driver. So it is asked when results are
  // awaited, and everything made since the last check without an error is suspect.
  let suspects = new Set<TexelResident>();

  function settle(): void {
    const code = gl.getError();
    if (code === gl.OUT_OF_MEMORY) {
      for (const suspect of suspects)
        suspect.error ??= new OutOfMemoryError('gpu: the WebGL2 driver is out of memory');
    }
    suspects = new Set();
  }

  function resident(handle: TextureHandle, extent: MatrixStack, error?: Error): TexelResident {
    const made: TexelResident = {
      extent,
      handle,
      error,
      bytes: 16 * handle.size[0] * handle.size[1],
      failure: Promise.resolve(undefined),
      release() {
        suspects.delete(made);
        if (lost() === undefined) gl.deleteTexture(handle.texture);
      },
    };
    suspects.add(made);
    return made;
  }

  /** A texture of just enough texels; kernels count them row by row, for any width. */
  function side(extent: MatrixStack): [number, number] {
    const texels = elements({ ...extent, cols: padded(extent.cols) / 4 });
    const width = Math.min(texels, maximumSide, 2048);
    return [width, Math.ceil(texels / width)];
  }

  function checkSize(caller: string, extent: MatrixStack): void {
    const [width, height] = side(extent);
    if (height <= maximumSide) return;
    throw new DeviceError(
      `${caller}: ${describe(extent)} needs a texture of ${width} x ${height}, this GPU allows ${maximumSide} a side (webgl2)`,
    );
  }

  function checkGrid(caller: string, extent: MatrixStack): void {
    // gpu.js gives a single matrix its own texture shape.
    const columns = padded(extent.cols) / 4;
    if (extent.batches > 1 || (extent.rows <= maximumSide && columns <= maximumSide)) return;
    throw new DeviceError(
      `${caller}: one call on this GPU makes at most ${maximumSide} rows and ${4 * maximumSide} columns (webgl2), ` +
        `got ${describe(extent)}; split the work`,
    );
  }

  function upload(values: Float32Array, extent: MatrixStack): TexelResident {
    const { batches, rows, cols } = extent;
    const [width, height] = side(extent);
    const pitch = padded(cols);
    // Always copy: WebGL does not accept views of shared memory.
    const texels = new Float32Array(4 * width * height);
    if (pitch === cols) texels.set(values);
    else {
      for (let row = 0; row < batches * rows; row++) {
        texels.set(values.subarray(row * cols, (row + 1) * cols), row * pitch);
      }
    }
    const texture = gl.createTexture();
    if (!texture) throw new DeviceError('gpu.upload: the WebGL2 context gives no texture');
    gl.activeTexture(gl.TEXTURE15);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, height);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
    for (const [parameter, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ]) {
      gl.texParameteri(gl.TEXTURE_2D, parameter, value);
    }
    const dimensions = [pitch / 4, rows, batches];
    const handle = new gpujs.GLTextureArray4Float3D({
      texture,
      size: Int32Array.of(width, height),
      dimensions,
      output: dimensions,
      context: gl,
      kernel: {},
      internalFormat: gl.RGBA32F,
      textureFormat: gl.RGBA,
    });
    return resident(handle, extent);
  }

  // gpu.js resizes "the canvas" to every result; a stand-in avoids reallocating a real drawing buffer.
  const canvas = { width: 1, height: 1 };
  const refuse = () => {
    throw new DeviceError('gpu: gpu.js asked for another kernel than the one given');
  };

  /** A kernel over texels. */
  function build(source: string, ...args: unknown[]): WebGl2Kernel {
    const argumentTypes = args.map((value) => {
      if (typeof value === 'number') return 'Integer';
      return value instanceof gpujs.Input ? 'Input' : 'ArrayTexture(4)';
    });
    return compile(source, args, { argumentTypes });
  }

  function compile(source: string, args: unknown[], settings: object): WebGl2Kernel {
    const kernel = new gpujs.WebGL2Kernel(source, {
      ...kernelSettings,
      ...{ context: gl, canvas, immutable: false, tactic: 'precision' },
      ...{ onRequestFallback: refuse, onRequestSwitchKernel: refuse },
      ...settings,
    });
    kernel.build(...args);
    run(kernel, { batches: 1, rows: 1, cols: 1 }, args).release();
    return kernel;
  }

  function run(kernel: WebGl2Kernel, extent: MatrixStack, args: unknown[], error?: Error): TexelResident {
    kernel.setOutput([padded(extent.cols) / 4, extent.rows, extent.batches]);
    kernel.run(...args);
    // gpu.js would draw the next result over this texture, so the tensor takes it.
    const handle = kernel.texture;
    kernel.texture = null;
    if (!handle) throw new DeviceError('gpu: gpu.js gave no result texture');
    return resident(handle, extent, error);
  }

  const index = (values: Float32Array) => new gpujs.Input(values, [values.length]);
  /** Rows of numbers, one after the other. */
  const table = (values: Float32Array, width: number) =>
    new gpujs.Input(values, [width, values.length / width]);
  const one = upload(new Float32Array(1), { batches: 1, rows: 1, cols: 1 });
  const single = index(new Float32Array(1));
  const times = build(kernels.multiplyTexels, one.handle, one.handle, single, single, 0, 1);
  const timesTransposed = build(
    kernels.multiplyTexelsByTransposed,
    one.handle,
    one.handle,
    single,
    single,
    0,
    1,
  );
  const transpose = build(kernels.transposeTexels, one.handle);
  const four = table(new Float32Array(4), 1);
  const rows = build(kernels.combineRowsTexels, one.handle, four, four);
  one.release();

  function multiply(a: TexelResident, b: TexelResident, product: Product): TexelResident {
    const { batches, m, n, k, transposeA, transposeB, aBatch, bBatch } = product;
    let left = a;
    if (transposeA) {
      const flipped = { batches: a.extent.batches, rows: a.extent.cols, cols: a.extent.rows };
      checkSize('gpu.matmul', flipped);
      checkGrid('gpu.matmul', flipped);
      left = run(transpose, flipped, [a.handle], a.error);
    }
    const kernel = transposeB ? timesTransposed : times;
    const args = [left.handle, b.handle, index(aBatch), index(bBatch), Math.floor(k / 4), k % 4];
    const result = run(kernel, { batches, rows: m, cols: n }, args, left.error ?? b.error);
    if (left !== a) left.release();
    return result;
  }

  function combineRows(source: TexelResident, { indices, weights }: RowSums): TexelResident {
    const { extent, handle, error } = source;
    return run(rows, extent, [handle, table(indices, extent.rows), table(weights, extent.rows)], error);
  }

  /** Waits for the queued commands. */
  function fence(): Promise<void> {
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    return new Promise((resolve, reject) => {
      const poll = () => {
        const status = sync && lost() === undefined ? gl.clientWaitSync(sync, 0, 0) : gl.WAIT_FAILED;
        if (status === gl.TIMEOUT_EXPIRED) return nextTask(poll);
        gl.deleteSync(sync);
        if (status === gl.WAIT_FAILED)
          reject(new DeviceError('gpu: the WebGL2 context does not finish its work'));
        else resolve();
      };
      poll();
    });
  }

  async function read(source: TexelResident): Promise<Float32Array> {
    const { batches, rows, cols } = source.extent;
    const [width, height] = [source.handle.size[0], source.handle.size[1]];
    const framebuffer = gl.createFramebuffer();
    const pixels = gl.createBuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, source.handle.texture, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pixels);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, 16 * width * height, gl.STREAM_READ);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    try {
      await fence();
      const texels = new Float32Array(4 * width * height);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pixels);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, texels);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      settle();
      if (source.error) throw source.error;
      // A context that is lost meanwhile returns zeros without an error.
      const reason = lost();
      if (reason !== undefined) throw new DeviceError(`gpu: ${reason}`);
      const pitch = padded(cols);
      if (pitch === cols) return texels.subarray(0, batches * rows * cols);
      const values = new Float32Array(batches * rows * cols);
      for (let row = 0; row < batches * rows; row++) {
        values.set(texels.subarray(row * pitch, row * pitch + cols), row * cols);
      }
      return values;
    } finally {
      gl.deleteFramebuffer(framebuffer);
      gl.deleteBuffer(pixels);
    }
  }

  return {
    info,
    driver: String(gl.getParameter(gl.VERSION)),
    lost,
    checkSize,
    checkGrid,
    upload,
    multiply: multiply as Backend['multiply'],
    combineRows: combineRows as Backend['combineRows'],
    launch: launcher(gpujs, gl, compile, run),
    read: read as Backend['read'],
    async sync() {
      await fence();
      settle();
    },
    destroy() {
      destroyed = true;
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
    simulateLoss: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}

/** Runs `work` in a separate task, without the 4 ms delay of nested timers. */
function nextTask(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(0);
}
