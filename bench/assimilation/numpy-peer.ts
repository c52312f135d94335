// Kolmogorov flow in numpy (kolmogorov.py), in a process that answers line by line.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type FlowForm = 'finiteVolume' | 'spectral';

export class NumpyPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    // A process that cannot be started has no answers.
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    this.#lines = createInterface(child.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** python3 with numpy and scipy; PYTHON names another interpreter. */
  static start(): NumpyPeer {
    const script = fileURLToPath(new URL('../../../bench/assimilation/kolmogorov.py', import.meta.url));
    const one = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
    return new NumpyPeer(
      spawn(process.env.PYTHON ?? 'python3', [script], { env: { ...process.env, ...one } }),
    );
  }

  async #ask(request: object): Promise<Record<string, never>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('no answer of numpy: is there a python3 with numpy and scipy?');
    return JSON.parse(value);
  }

  /** The state behind an interval. */
  async advance(form: FlowForm, x: Float32Array): Promise<Float32Array> {
    const { state } = await this.#ask({
      form,
      state: Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('base64'),
    });
    const bytes = Buffer.from(state, 'base64');
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }

  /** Milliseconds of an interval from the state last given. */
  async time(form: FlowForm, count: number): Promise<number> {
    return (await this.#ask({ form, count })).ms;
  }

  stop(): void {
    this.#lines.close();
    this.#child.stdin.end();
  }
}
