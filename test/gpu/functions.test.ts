import * as assert from 'uvu/assert';
import { tensor } from '#src/core/create.js';
import { expressionOf } from '#src/gpu/wgsl/expressions.js';
import { apply, type Op } from '#src/ops/op.js';
import { operations } from '#src/ops/table.js';
import { gpuSuite } from './device.js';
import { close, evaluate, type Values } from './elementwise.js';
import { numbers, ulps, unit } from './samples.js';

const test = await gpuSuite('gpu functions');
const rows = (operations as readonly Op<unknown>[]).filter(({ elementwise }) => elementwise !== undefined);
const COUNT = Number(process.env.COUNT ?? 1 << 20);
function cpu(row: Op<unknown>, operands: readonly Values[], dtype: 'f32' | 'f64'): ArrayLike<number> {
  const inputs = operands.map((v) => tensor(v instanceof Int32Array ? v : dtype === 'f64' ? Float64Array.from(v) : v, v instanceof Int32Array ? { dtype: 'i32' } : { dtype }));
  const y = apply(row, inputs, undefined);
  const out = y.data().slice();
  for (const t of [...inputs, y]) t.dispose();
  return out as never;
}
for (const row of rows) {
  const arity = row.name === 'where' || row.name === 'clip' || row.name === 'powSum' ? 3 : [1, 2].find((n) => expressionOf(row.name, Array(n).fill('f32')));
  const types = row.name === 'where' ? ['i32', 'f32', 'f32'] : Array(arity).fill('f32');
  const e = expressionOf(row.name, types as never);
  test(row.name, async () => {
    if (process.env.ONLY && !process.env.ONLY.split(',').includes(row.name)) return;
    assert.ok(e);
    const operands: Values[] = types.map((t, k) => t === 'i32' ? Int32Array.from(numbers(COUNT, 5), (x) => x > 0 ? 1 : 0) : numbers(COUNT, 1 + k * 77));
    const t0 = performance.now();
    const got = await evaluate(e!, operands);
    const t1 = performance.now();
    const want = cpu(row, operands, 'f64');
    const own = cpu(row, operands, 'f32');
    let worst = 0, at = -1, most = 0, off = 0, nans = 0, signs = 0, nanAt = -1;
    for (let i = 0; i < COUNT; i++) {
      if ((got[i] !== got[i]) !== (own[i] !== own[i])) { nans++; nanAt = i; continue; }
      if (got[i] !== got[i]) continue;
      if (own[i] === 0 && got[i] === 0 && !Object.is(own[i], got[i])) { signs++; }
      const u = ulps(got[i], want[i]);
      if (u > worst) { worst = u; at = i; }
      const d = ulps(got[i], own[i]);
      if (d > 0) off++;
      most = Math.max(most, d);
    }
    const show = (i: number) => i < 0 ? '' : `(${operands.map((o) => o[i])}) = ${got[i]} want ${want[i]} cpu ${own[i]}`;
    console.log(`${row.name.padEnd(14)} ${worst.toFixed(3)} ulp, from cpu ${most.toFixed(2)} (${(100 * off / COUNT).toFixed(2)} %) nan ${nans} ${show(nanAt)} zero signs ${signs}; ${(t1 - t0).toFixed(0)} ms; worst ${show(at)}`);
  });
}
test.after(close);
test.run();
