// A progress bar on a terminal's standard error; silent everywhere else.

import cliProgress from 'cli-progress';
import { describeSetting, type Progress } from '../bench/runner.js';

function makeBar(format: string): cliProgress.SingleBar {
  return new cliProgress.SingleBar({
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    stream: process.stderr,
    hideCursor: null,
    clearOnComplete: true,
    gracefulExit: false,
  });
}

/** For the settings of a plan. */
export function progressBar(): Progress & { stop(): void } {
  if (!process.stderr.isTTY) return { stop() {} };
  const bar = makeBar('{bar} {value}/{total}  {what}');
  let started = false;
  return {
    onStart(setting, index, total) {
      if (!started) bar.start(total, 0, { what: '' });
      started = true;
      bar.update(index, { what: describeSetting(setting) });
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

/** For steps of which each says how much is done, from 0 to 1. */
export function stepBar(): { step(what: string, done: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { step() {}, stop() {} };
  const bar = makeBar('{bar} {percentage} %  {what}');
  bar.start(1, 0, { what: '' });
  return { step: (what, done) => bar.update(done, { what }), stop: () => bar.stop() };
}
