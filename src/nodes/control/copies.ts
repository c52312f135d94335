// The unknowns of the problems of a batch as tensors.
import type { Shape } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { type Call, NAME } from './functions.js';
import type { Layout } from './layout.js';

/** Copies between the unknowns of the problems, w, and tensors [batch, time, width]. */
export class Copies {
  readonly layout: Layout;
  readonly call: Call;
  readonly batch: Shape;

  constructor(layout: Layout, call: Call) {
    this.layout = layout;
    this.call = call;
    this.batch = call.lead.slice(0, -1);
  }

  /** The entries `at` … `at + width` of the steps from `first` on. */
  steps(w: readonly Float64Array[], first: number, at: number, width: number): Tensor {
    const { T, stride } = this.layout;
    const out = allocate([...this.call.lead, width], this.call.dtype, NAME);
    const data = out.data();
    let to = 0;
    for (const v of w)
      for (let t = first; t < first + T; t++)
        for (let i = 0; i < width; i++) data[to++] = v[t * stride + at + i];
    return out;
  }

  last(w: readonly Float64Array[], at: number, width: number): Tensor {
    const out = allocate([...this.batch, width], this.call.dtype, NAME);
    const data = out.data();
    w.forEach((v, b) => {
      for (let i = 0; i < width; i++) data[b * width + i] = v[at + i];
    });
    return out;
  }
}
