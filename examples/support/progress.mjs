// A bar on the terminal for nn.fit's progress; lines where the output is no terminal.
import { Presets, SingleBar } from 'cli-progress';

/** What to give fit as `progress`, and what stops the bar. */
export function terminalProgress(stream = process.stdout) {
  if (!stream.isTTY) return { progress: true, stop() {} };
  const bar = new SingleBar(
    { format: 'epoch {epoch}/{epochs} {bar} loss {loss} {validation}', stream, hideCursor: true },
    Presets.shades_classic,
  );
  const progress = ({ epoch, epochs, batch, batches = batch, loss, history }) => {
    const validation = history.validationLoss?.at(-1);
    const state = {
      ...{ epoch, epochs, loss: loss.toFixed(3) },
      validation: validation === undefined ? '' : `validation ${validation.toFixed(3)}`,
    };
    const done = (epoch - 1) * batches + batch;
    if (bar.isActive) bar.update(done, state);
    else bar.start(epochs * batches, done, state);
  };
  return { progress, stop: () => bar.isActive && bar.stop() };
}
