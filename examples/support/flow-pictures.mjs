// Pictures of flows: vorticity as a map, several of them beside each other, and objectives along the iterations.
import { diverging, together } from './assimilation-pictures.mjs';
import { lineChart } from './chart.mjs';
import { png } from './grid.mjs';

/** The vorticity of the darkest red, as in the paper; its negative is the darkest blue. */
export const MOST = 8;
const SIDE = 216;

/**
 * A vorticity as a map; x to the right, y upwards.
 * @param field n · n numbers, x the slower index. @param every marks the points that are observed, every so many from the first on.
 */
export function vorticityMap({ title, note = '', field, every }) {
  const n = Math.sqrt(field.length);
  // Cells as squares of pixels, since not every program that shows pictures leaves them sharp.
  const zoom = Math.max(1, Math.round(SIDE / n));
  const width = zoom * n;
  const pixels = Buffer.alloc(3 * width * width);
  for (let x = 0; x < width; x++)
    for (let y = 0; y < width; y++) {
      const [i, j] = [Math.floor(x / zoom), Math.floor(y / zoom)];
      pixels.set(diverging(field[i * n + j] / MOST), 3 * ((width - 1 - y) * width + x));
    }
  const data = png(width, width, pixels, 3).toString('base64');
  const [left, top] = [12, 26];
  const cell = SIDE / n;
  const dots = [];
  for (let i = 0; every && i < n; i += every)
    for (let j = 0; j < n; j += every)
      dots.push(
        `<circle cx="${left + (i + 0.5) * cell}" cy="${top + SIDE - (j + 0.5) * cell}" r="4" fill="#ffd84d" stroke="#111827"/>`,
      );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE + 2 * left}" height="${SIDE + top + 24}">`,
    `<text x="${left}" y="17" font-size="13" fill="#22262f">${title}</text>`,
    `<image x="${left}" y="${top}" width="${SIDE}" height="${SIDE}" href="data:image/png;base64,${data}"/>`,
    `<rect x="${left}" y="${top}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#9aa1ad"/>`,
    ...dots,
    `<text x="${left}" y="${top + SIDE + 16}" font-size="12" fill="#5c6270">${note}</text>`,
    '</svg>',
  ].join('\n');
}

export const COLOURS_SAY = `vorticity from -${MOST} (blue) to ${MOST} (red)`;

/**
 * Objectives in the space of observations along the iterations, relative to the first, of two windows (rows) and both starts (columns).
 * @param results of `assimilateAll` with `trace`. @param windows list of { index, name }. @param physics the iterations of the first part of the hybrid.
 */
export async function objectives({ results, windows, physics, title, subtitle }) {
  const of = (setting, index) => {
    const { trace } = results[setting].runs[index];
    return trace.map(([iteration, value]) => [iteration, value / trace[0][1]]);
  };
  const all = windows.flatMap(({ index }) =>
    results.flatMap((_, k) => of(k, index).map(([, value]) => value)),
  );
  const [least, most] = [Math.min(...all), Math.max(...all)].map(Math.log10);
  const powers = Array.from(
    { length: Math.ceil(most) - Math.floor(least) + 1 },
    (_, k) => Math.floor(least) + k,
  );
  const y = {
    ...{ title: 'objective, relative to the first', log: true, format: '~g' },
    ...{ domain: [10 ** least / 1.2, 10 ** most * 1.2] },
    ticks: powers
      .flatMap((k) => (powers.length > 3 ? [10 ** k] : [10 ** k, 3 * 10 ** k]))
      .filter((tick) => tick > 10 ** least / 1.2 && tick < 10 ** most * 1.2),
  };
  const charts = windows.flatMap(({ index, name }) =>
    [0, 2].map((setting) => {
      const start = results[setting].setting.start === 'inverse' ? 'learned inverse' : 'interpolation';
      return lineChart({
        title: `${start}, ${name}`,
        series: [
          { name: 'observation space', points: of(setting, index), colour: 0, dash: 1 },
          { name: 'hybrid', points: of(setting + 1, index), colour: 1, dash: 0 },
        ],
        x: { title: 'iteration', format: 'd' },
        y,
        rule: { x: physics, text: '' },
        ...{ width: 360, height: 220, columns: 2 },
      });
    }),
  );
  return together({ title, subtitle, pictures: await Promise.all(charts), columns: 2 });
}

/** Figure 9: rows of times { time, name }, columns of what is compared: list of { name, at: (row) => { field, error? } }. */
export function snapshots({ title, subtitle, fields, times }) {
  const pictures = times.flatMap(({ time, name: when }, row) =>
    fields.map(({ name, at }) => {
      const { field, error } = at(row);
      return vorticityMap({
        title: `${name}, t = ${time.toFixed(2)}`,
        note: error === undefined ? when : `error ${error.toFixed(2)}`,
        field,
      });
    }),
  );
  return together({ title, subtitle, pictures, columns: fields.length });
}
