// Pictures that the examples lorenz96 and kolmogorov share: forecast errors over time, maps in colours, pictures beside each other.
import { meanOf, nameOf } from './assimilation-study.mjs';
import { lineChart } from './chart.mjs';

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
        band: points.map(({ x, mean, error }) => [x, mean - error, mean + error]),
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
