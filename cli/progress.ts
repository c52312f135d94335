// A progress bar on a terminal's standard error; silent everywhere else.

import cliProgress from 'cli-progress';
import { describeSetting, type Progress } from '../bench/runner.js';

export function progressBar(): Progress & { stop(): void } {
  if (!process.stderr.isTTY) return { stop() {} };
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {what}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    stream: process.stderr,
    hideCursor: null,
    clearOnComplete: true,
    gracefulExit: false,
  });
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
