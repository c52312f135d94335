// Lines over a common axis, and bars, as SVG pictures, drawn by Vega without a screen.
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
 * @param series list of { name, points: [[x, y], …], band?: [[x, low, high], …], colour?, dash? }; points that are not finite, or not
 * positive on a logarithmic axis, are skipped. Colours and dashes are numbers; by default that of the curve.
 * @param x, y { title, log?, domain?, from?, format?, ticks? } of the axes; the format is d3's, `from` where an axis begins.
 * @param marked points on the curves as well.
 * @param dots { points, colour? } points without a curve; @param rule { x, text } a dashed vertical line, and what is behind it.
 * @param columns of the legend.
 */
export async function lineChart(options) {
  const { title, subtitle, series, x, y, width = 620, height = 360, marked = false, columns = 5 } = options;
  const { dots, rule } = options;
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
  const axis = (field, { title: label, log, domain, from, format, ticks }) => ({
    field,
    type: 'quantitative',
    scale: {
      type: log ? 'log' : 'linear',
      ...(domain && { domain }),
      ...(from !== undefined && { domainMin: from }),
      nice: false,
      clamp: Boolean(domain),
    },
    axis: {
      title: label,
      format: format ?? (log ? '.0e' : '~s'),
      ...(log && { tickCount: 8 }),
      ...(ticks && { values: ticks }),
    },
  });
  const look = (range) => ({
    field: 'series',
    type: 'nominal',
    sort: names,
    scale: { domain: names, range },
  });
  const colours = series.map(({ colour }, i) => COLOURS[(colour ?? i) % COLOURS.length]);
  const color = look(colours);
  const lines = {
    data: { values },
    mark: {
      type: 'line',
      strokeWidth: 2.2,
      interpolate: 'linear',
      ...(marked && { point: { size: 30, filled: true } }),
    },
    encoding: {
      x: axis('x', x),
      y: axis('y', y),
      order: { field: 'order' },
      color,
      strokeDash: look(series.map(({ dash }, i) => DASHES[(dash ?? i) % DASHES.length])),
    },
  };
  const bands = series.flatMap(({ band }, i) => (band ? [{ band, colour: colours[i] }] : []));
  const areas = bands.map(({ band, colour }) => ({
    data: { values: band.map(([a, low, high]) => ({ x: a, y: low, high })) },
    mark: { type: 'area', opacity: 0.15, color: colour },
    encoding: { x: axis('x', x), y: axis('y', y), y2: { field: 'high' } },
  }));
  const points = dots && {
    data: { values: dots.points.map(([a, b]) => ({ x: a, y: b })) },
    mark: {
      type: 'point',
      filled: true,
      size: 60,
      opacity: 1,
      color: dots.colour ?? '#e0a100',
      stroke: '#111827',
    },
    encoding: { x: axis('x', x), y: axis('y', y) },
  };
  const rules = rule && [
    {
      data: { values: [{ x: rule.x }] },
      mark: { type: 'rule', strokeDash: [5, 4], color: '#5c6270' },
      encoding: { x: axis('x', x) },
    },
    {
      data: { values: [{ x: rule.x }] },
      mark: { type: 'text', text: rule.text, align: 'left', dx: 6, fontSize: 12, color: '#5c6270' },
      encoding: { x: axis('x', x), y: { value: 10 } },
    },
  ];
  const layers = [...areas, ...(rules ?? []), lines, ...(points ? [points] : [])];
  return drawn({
    title: { text: title, ...(subtitle && { subtitle }) },
    width,
    height,
    ...(layers.length > 1 ? { layer: layers } : lines),
    config: { legend: { columns, ...(marked && { symbolType: 'stroke' }) } },
  });
}

/**
 * Draws bars, each with its value.
 * @param bars list of { name, value, colour? }; colours are numbers.
 * @param x { title, log?, format? } of the axis of the values.
 */
export async function barChart({ title, subtitle, bars, x, width = 460, step = 44 }) {
  const least = x.log ? Math.min(...bars.map(({ value }) => value)) / 3 : 0;
  const most = Math.max(...bars.map(({ value }) => value)) * (x.log ? 4 : 1.15);
  const value = { field: 'value', type: 'quantitative' };
  const name = {
    ...{ field: 'name', type: 'nominal', sort: bars.map((bar) => bar.name) },
    axis: { title: null, labelLimit: 260, labelColor: '#22262f' },
  };
  const scale = { type: x.log ? 'log' : 'linear', domain: [least, most], nice: false };
  return drawn({
    title: { text: title, ...(subtitle && { subtitle }) },
    width,
    height: { step },
    data: {
      values: bars.map((bar) => ({
        ...bar,
        from: least,
        shade: COLOURS[(bar.colour ?? 0) % COLOURS.length],
      })),
    },
    encoding: { y: name },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.6 } },
        encoding: {
          color: { field: 'shade', type: 'nominal', scale: null },
          x: { ...value, scale, axis: { title: x.title, format: x.format ?? '~g', tickCount: 5 } },
          x2: { field: 'from' },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12, color: '#22262f' },
        encoding: { x: { ...value, scale }, text: { ...value, format: x.format ?? '~g' } },
      },
    ],
  });
}

/** The picture of a specification of Vega-Lite, in the look that all share. */
async function drawn({ config, ...picture }) {
  const { spec } = compile({
    ...picture,
    background: 'white',
    padding: 12,
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
        ...config?.legend,
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
