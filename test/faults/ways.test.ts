// Every transformation with its k-th allocation failing, for every k, over functions of every kind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, type Owned, open } from '#src/core/scope-stack.js';
import { scope } from '#src/index.js';
import { seed } from '../support/check.js';
import { failEvery, none } from '../support/faults.js';
import { exportedFunctions, publicFunctions } from '../support/public-functions.js';
import { vectorial } from '../support/subjects.js';
import { WAYS } from '../support/ways.js';

/** One for every kind of row: elementwise, of linear algebra, opaque, a loop, a plan, a view, a convolution. */
const FUNCTIONS =
  'mul transpose customVjp implicitRoot scan checkpointSequence compile linalg.svd linalg.cg nn.conv'.split(
    ' ',
  );
/** Every k up to here, above every 7th; every k where programs lie in programs, whose memory is counted before it is taken. */
const denseOf = (way: string) => (/^compile\((hessian|jac)/.test(way) ? 60 : 5);

const found = exportedFunctions();

for (const name of FUNCTIONS) {
  test(`${name}, in every way: every allocation may fail`, async () => {
    const failures: string[] = [];
    const made: Owned[] = [];
    open(made);
    const subject = vectorial(found.get(name), publicFunctions[name], 0);
    close();
    assert.ok(subject);
    // In a scope: f is the table's, which leaves tensors.
    for (const [way, [, run]] of Object.entries(WAYS))
      await failEvery(`${name}, ${way}`, { run: () => scope(() => run(subject)) }, failures, denseOf(way));
    for (const x of made) x.dispose();
    none(failures, seed);
  });
}

test.run();
