// docs/autodiff.md tells the truth: its picture is what the code draws, and its table has every row.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cos, exp, mul, sin, type Tensor, tensor, trace } from '#src/index.js';
import { operations } from '#src/ops/table.js';

const text = readFileSync(fileURLToPath(new URL('../../../docs/autodiff.md', import.meta.url)), 'utf8');

test('the picture of Figure 5 is what trace draws', () => {
  const graph = trace(
    (x1: Tensor, x2: Tensor) => mul(mul(sin(x1), cos(x2)), exp(mul(x1, x2))),
    tensor(1),
    tensor(2),
  );
  assert.ok(text.includes(`\`\`\`mermaid\n${graph.toMermaid().trim()}\n\`\`\``), graph.toMermaid());
  assert.ok(text.includes(String(graph).trim()), String(graph));
  graph.dispose();
});

test('every row of the table of operations is listed, and has a derivative or is said to be a constant', () => {
  const table = text.slice(text.indexOf('## The table'));
  for (const { name, linear, jvp, vjp } of operations) {
    assert.ok(table.includes(`\`${name}\``), name);
    const line = table.split('\n').find((row) => row.includes(`\`${name}\``)) ?? '';
    if (!(linear || jvp || vjp)) assert.match(line.slice(line.indexOf('constant')), `\`${name}\``, name);
  }
});

test.run();
