// Bars on the terminal: for nn.fit's progress, with lines where the output is no terminal, and for what is counted.
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

/** A bar that counts `total` ticks; nothing where the output is no terminal. */
export function terminalCount(title, total, stream = process.stdout) {
  if (!stream.isTTY) return { tick() {}, stop() {} };
  const format = `${title} {bar} {value}/{total}, {eta_formatted} left`;
  const bar = new SingleBar(
    { format, stream, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { tick: () => bar.increment(), stop: () => bar.stop() };
}
