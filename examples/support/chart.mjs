// Lines over a common axis as an SVG picture, drawn by Vega without a screen.
import { parse, textMetrics, View } from 'vega';
import { compile } from 'vega-lite';

// Without a canvas Vega assumes 0.8 em for every letter, which is wrong for text fonts and spreads legends apart.
textMetrics.width = (item, text) => 0.56 * (item.fontSize ?? 11) * String(text ?? '').length;

const COLOURS = ['#17549e', '#c8500a', '#2b7d4f', '#8a3f9c', '#8f6a00', '#b3274f', '#3d7f8c', '#5b5f97'];
const DASHES = [
  [1, 0],
  [8, 3],
  [3, 3],
  [10, 3, 2, 3],
  [1, 0],
  [8, 3],
  [3, 3],
  [10, 3, 2, 3],
];

/** At most `most` of the points of a curve: the first, the last, and in between evenly. */
function thinned(points, most = 600) {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]);
}

/**
 * Draws curves.
 * @param title of the picture, and `subtitle` below it.
 * @param series list of { name, points: [[x, y], …] }; points that are not finite, or not positive on a logarithmic
 * axis, are skipped.
 * @param x, y { title, log?, domain? } of the axes.
 */
export async function lineChart({ title, subtitle, series, x, y, width = 620, height = 360 }) {
  const shown = ([a, b]) =>
    Number.isFinite(a) &&
    Number.isFinite(b) &&
    (!x.log || a > 0) &&
    (!y.log || b > 0) &&
    (!x.domain || (a >= x.domain[0] && a <= x.domain[1]));
  const values = series.flatMap(({ name, points }) =>
    thinned(points.filter(shown)).map(([a, b], order) => ({ x: a, y: b, order, series: name })),
  );
  const names = series.map(({ name }) => name);
  const axis = (field, { title: label, log, domain }) => ({
    field,
    type: 'quantitative',
    scale: { type: log ? 'log' : 'linear', ...(domain && { domain }), nice: false, clamp: Boolean(domain) },
    axis: { title: label, ...(log ? { format: '.0e', tickCount: 8 } : { format: '~s' }) },
  });
  const look = (range) => ({
    field: 'series',
    type: 'nominal',
    sort: names,
    scale: { domain: names, range },
  });
  const { spec } = compile({
    title: { text: title, ...(subtitle && { subtitle }) },
    width,
    height,
    background: 'white',
    padding: 12,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.2, interpolate: 'linear' },
    encoding: {
      x: axis('x', x),
      y: axis('y', y),
      order: { field: 'order' },
      color: look(names.map((_, i) => COLOURS[i % COLOURS.length])),
      strokeDash: look(names.map((_, i) => DASHES[i % DASHES.length])),
    },
    config: {
      font: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
      view: { stroke: null },
      title: {
        anchor: 'start',
        frame: 'group',
        fontSize: 15,
        offset: 10,
        subtitleColor: '#5c6270',
        subtitleFontSize: 12,
      },
      axis: {
        gridColor: '#e3e6ec',
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: 'normal',
        labelColor: '#5c6270',
        titleColor: '#5c6270',
      },
      legend: {
        orient: 'top',
        direction: 'horizontal',
        title: null,
        labelFontSize: 12,
        symbolSize: 300,
        symbolStrokeWidth: 2.2,
        labelLimit: 300,
        columns: 5,
      },
    },
  });
  const view = new View(parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
