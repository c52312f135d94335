// Runs test files as uvu's command does, and fails where a hook throws: uvu 0.5 swallows that error, and with it all tests of the suite.
//   node scripts/test.mjs [folder [pattern]]
import { pathToFileURL } from 'node:url';
import { parse } from 'uvu/parse';

// Tests wait in a queue until all files are read, as under uvu's own command.
globalThis.UVU_DEFER = 1;
const uvu = await import('uvu');

const [folder = 'build/test', pattern = '\\.test\\.js$'] = process.argv.slice(2);
const { suites } = await parse(folder, pattern);

/** What hooks of the current file threw. */
let thrown = [];
const watched =
  (hook) =>
  async (...args) => {
    try {
      return await hook(...args);
    } catch (error) {
      thrown.push(error);
      throw error;
    }
  };
for (const hooks of ['before', 'after']) {
  const { [hooks]: add } = uvu.test;
  const each = add.each;
  uvu.test[hooks] = Object.assign((hook) => add(watched(hook)), { each: (hook) => each(watched(hook)) });
}

/** A suite whose outcome says how many tests were left out. */
const counted = (suite) => async () => {
  thrown = [];
  const outcome = await suite();
  const [errors, ran, skipped, total] = outcome;
  // `errors` is true where no test failed.
  if (ran === total || errors.length > 0) return outcome;
  const why = thrown.map((error) => `\n    ${error?.stack ?? error}`).join('');
  return [
    `   FAIL  ${total - ran} of ${total} tests did not run, because a hook threw${why}\n`,
    ran,
    skipped,
    total,
  ];
};

for (const [index, { name, file }] of suites.entries()) {
  globalThis.UVU_INDEX = index;
  globalThis.UVU_QUEUE.push([name]);
  await import(pathToFileURL(file).href);
  const [, ...all] = globalThis.UVU_QUEUE[index];
  globalThis.UVU_QUEUE[index] = [name, ...all.map(counted)];
}
await uvu.exec();
