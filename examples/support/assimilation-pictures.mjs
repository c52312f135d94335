// Pictures that the examples lorenz96 and kolmogorov share: forecast errors over time, maps in colours, pictures beside each other.
import { meanOf, nameOf } from './assimilation-study.mjs';
import { lineChart } from './chart.mjs';
import { png } from './grid.mjs';

/** Blue for -1, white for 0, red for 1: bytes of a colour. */
export function diverging(value) {
  const v = Math.max(-1, Math.min(1, value));
  const ends =
    v < 0
      ? [
          [23, 84, 158],
          [247, 247, 247],
        ]
      : [
          [178, 24, 43],
          [247, 247, 247],
        ];
  const t = Math.abs(v) ** 0.8;
  return ends[0].map((end, i) => Math.round(end * t + ends[1][i] * (1 - t)));
}

/**
 * Mean errors of the four settings at every state, with their standard errors as bands, and where the window ends.
 * @param results of `assimilateAll`; `interval`: the time between two states; `window`: states assimilated.
 * @param log a logarithmic axis of errors; default false.
 */
export function forecastErrors({ title, subtitle, results, interval, window, log = false }) {
  return lineChart({
    title,
    subtitle,
    series: results.map(({ setting, runs }, i) => {
      const points = runs[0].errors.map((_, t) => {
        const { mean, error } = meanOf(runs.map(({ errors }) => errors[t]));
        return { x: t * interval, mean, error };
      });
      return {
        name: nameOf(setting),
        points: points.map(({ x, mean }) => [x, mean]),
        // Where one window has all of the error, the band would reach 0, which a logarithmic axis has not.
        band: points.map(({ x, mean, error }) => [x, Math.max(mean - error, mean / 100), mean + error]),
        colour: [1, 0, 3, 2][i],
        dash: [1, 0, 2, 3][i],
      };
    }),
    x: { title: 'time', format: '.1f' },
    y: { title: 'mean relative L1 error', log, format: log ? '~g' : '.1f', ...(!log && { from: 0 }) },
    rule: { x: (window - 0.5) * interval, text: 'forecast' },
    columns: 2,
  });
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Pictures (SVG) below a common title, in rows of `columns`. */
export function together({ title, subtitle, pictures, columns = pictures.length }) {
  const sizes = pictures.map((svg) =>
    ['width', 'height'].map((side) => Number(svg.match(`${side}="([\\d.]+)"`)[1])),
  );
  const [w, h] = [0, 1].map((k) => Math.max(...sizes.map((size) => size[k])));
  const head = subtitle === undefined ? 36 : 54;
  const [width, height] = [columns * w, Math.ceil(pictures.length / columns) * h + head];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="16" y="26" font-size="15" font-weight="bold" fill="#111827">${title}</text>`,
    ...(subtitle === undefined
      ? []
      : [`<text x="16" y="44" font-size="12" fill="#5c6270">${subtitle}</text>`]),
    ...pictures.map(
      (svg, i) =>
        `<g transform="translate(${(i % columns) * w} ${head + Math.floor(i / columns) * h})">${svg}</g>`,
    ),
    '</svg>',
  ].join('\n');
}

/**
 * Maps in colours over time, one below the other, with a bar of colours.
 * @param maps list of { name, rows }: rows of numbers, a row for each place, a number for each time.
 * @param most the number of the darkest red; its negative is the darkest blue. @param time of the last column.
 * @param x, y names of the axes. @param rule { x, text } a dashed vertical line, and what is behind it. @param zoom height of a row.
 */
export function heatMaps({ title, subtitle, maps, most, time, x, y, rule, width = 600, zoom = 3 }) {
  const places = maps[0].rows.length;
  const [left, top, height, gap] = [150, 78, places * zoom, 10];
  const bottom = top + maps.length * (height + gap) - gap;
  const [w, h] = [left + width + 80, bottom + 44];
  const text = (px, py, words, anchor = 'middle', fill = '#5c6270') =>
    `<text x="${px}" y="${py}" font-size="12" text-anchor="${anchor}" fill="${fill}">${words}</text>`;
  const image = (px, py, iw, ih, rows) => {
    const pixels = Buffer.from(rows.flatMap((row) => row.flatMap((value) => diverging(value / most))));
    const data = png(rows[0].length, rows.length, pixels, 3).toString('base64');
    return `<image x="${px}" y="${py}" width="${iw}" height="${ih}" preserveAspectRatio="none" style="image-rendering: pixelated" href="data:image/png;base64,${data}"/>`;
  };
  const at = (value) => left + (width * value) / time;
  const ticks = Array.from({ length: Math.floor(2 * time) + 1 }, (_, k) => k / 2);
  const bar = Array.from({ length: 128 }, (_, k) => [most * (1 - (2 * k) / 127)]);
  const [barX, barHeight] = [left + width + 20, 2 * height + gap];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${FONT}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="16" y="26" font-size="15" font-weight="bold" fill="#111827">${title}</text>`,
    `<text x="16" y="44" font-size="12" fill="#5c6270">${subtitle}</text>`,
    ...maps.flatMap(({ name, rows }, k) => {
      const py = top + k * (height + gap);
      return [
        image(left, py, width, height, rows),
        text(left - 14, py + height / 2 + 4, name, 'end', '#22262f'),
        text(left - 4, py + 10, '0', 'end'),
        text(left - 4, py + height, places - 1, 'end'),
      ];
    }),
    text(left - 4, top - 6, y, 'end'),
    ...ticks.flatMap((tick) => [
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="${bottom}" y2="${bottom + 5}" stroke="#5c6270"/>`,
      text(at(tick), bottom + 18, tick.toFixed(1)),
    ]),
    text(left + width / 2, bottom + 36, x),
    `<line x1="${at(rule.x)}" x2="${at(rule.x)}" y1="${top - 14}" y2="${bottom}" stroke="#111827" stroke-dasharray="5 4"/>`,
    text(at(rule.x) + 6, top - 5, rule.text, 'start'),
    image(barX, top, 14, barHeight, bar),
    text(barX + 20, top + 10, most, 'start'),
    text(barX + 20, top + barHeight / 2 + 4, '0', 'start'),
    text(barX + 20, top + barHeight, `-${most}`, 'start'),
    '</svg>',
  ].join('\n');
}
