// The picture of a comparison as a Vega-Lite specification: throughput over n, and below it the ratio over n.

import type { TopLevelSpec } from 'vega-lite';
import type { Comparison, Curve, RatioCurve } from './series.js';
import { type Theme, type ThemeName, themes } from './theme.js';

const WIDTH = 660;

export function comparisonFigure(comparison: Comparison, themeName: ThemeName): TopLevelSpec {
  const theme = themes[themeName];
  const sizes = [...new Set(comparison.curves.flatMap((curve) => curve.points.map((p) => p.n)))].sort(
    (a, b) => a - b,
  );
  const panels: object[] = [throughputPanel(comparison, sizes, theme)];
  if (comparison.ratios.length > 0) panels.push(ratioPanel(comparison.ratios, sizes, theme));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Throughput of f32 matrix multiplication over the matrix size, and ratios between devices',
    vconcat: panels,
    spacing: 28,
    resolve: { scale: { color: 'independent', shape: 'independent', strokeDash: 'independent' } },
    config: figureConfig(theme),
  } as unknown as TopLevelSpec;
}

/** Shared by every picture: transparent, system font, quiet axes. */
export function figureConfig(theme: Theme) {
  return {
    background: 'transparent',
    font: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
    view: { stroke: null },
    title: { color: theme.ink, anchor: 'start', frame: 'group', fontSize: 15, fontWeight: 600, offset: 12 },
    axis: {
      labelColor: theme.muted,
      titleColor: theme.muted,
      titleFontWeight: 'normal',
      titleFontSize: 12,
      labelFontSize: 12,
      gridColor: theme.grid,
      domainColor: theme.muted,
      tickColor: theme.muted,
    },
    legend: {
      labelColor: theme.ink,
      labelFontSize: 12,
      orient: 'top',
      direction: 'horizontal',
      columns: 4,
      symbolSize: 70,
      symbolStrokeWidth: 2,
      labelLimit: 400,
      title: null,
    },
  };
}

export function sizeAxis(sizes: number[]) {
  return {
    field: 'n',
    type: 'quantitative',
    scale: { type: 'log', base: 2, domain: [sizes[0], sizes[sizes.length - 1]], nice: false },
    axis: { title: 'matrix size n', values: labelled(sizes), format: 'd', labelFlush: false, grid: false },
  };
}

/** As many sizes as have room for a label, the largest for certain. */
function labelled(sizes: number[]): number[] {
  const perPixel = Math.log(sizes[sizes.length - 1] / sizes[0]) / WIDTH;
  const kept: number[] = [];
  for (const n of [...sizes].reverse()) {
    const neighbour = kept.at(-1);
    if (neighbour === undefined || Math.log(neighbour / n) > 38 * perPixel) kept.push(n);
  }
  return kept.reverse();
}

/** Rates, the middle half of their samples as bands, and the measured peaks as lines above. */
function throughputPanel({ curves, roofs }: Comparison, sizes: number[], theme: Theme) {
  const values = curves.flatMap((curve) => curve.points.map((p) => ({ ...p, series: curve.name })));
  const all = [...values.flatMap(({ low, high }) => [low, high]), ...roofs.map(({ gflops }) => gflops)];
  const channels = seriesChannels(
    curves.map((c) => c.name),
    curves.map((curve) => lookOf(curve.role, theme)),
  );
  return {
    title: 'Throughput of an n × n matrix product, f32',
    width: WIDTH,
    height: 280,
    // The bands have the colours of the lines, and no legend of their own.
    resolve: { scale: { color: 'independent', shape: 'independent', strokeDash: 'independent' } },
    layer: [
      {
        data: {
          values: roofs.map(({ name, role, gflops }) => ({ name, gflops, color: lookOf(role, theme).color })),
        },
        encoding: {
          y: { field: 'gflops', type: 'quantitative' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
        layer: [
          { mark: { type: 'rule', strokeWidth: 1.5, strokeDash: [2, 3] } },
          {
            mark: { type: 'text', align: 'right', x: WIDTH - 4, dy: -7, fontSize: 11 },
            encoding: { text: { field: 'name' } },
          },
        ],
      },
      {
        data: { values },
        mark: { type: 'area', opacity: 0.2 },
        encoding: {
          x: sizeAxis(sizes),
          y: { field: 'low', type: 'quantitative' },
          y2: { field: 'high' },
          color: { ...channels.color, legend: null },
        },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2.5, point: { filled: true, size: 55 } },
        encoding: {
          x: sizeAxis(sizes),
          y: {
            field: 'gflops',
            type: 'quantitative',
            scale: { type: 'log', domain: domainOf(all), nice: false },
            axis: { title: 'GFLOP/s', values: ticksFor(all), format: '~g' },
          },
          ...channels,
        },
      },
    ],
  };
}

function ratioPanel(ratios: RatioCurve[], sizes: number[], theme: Theme) {
  const values = ratios.flatMap((curve) => curve.points.map((p) => ({ ...p, series: curve.name })));
  const all = [...values.map((v) => v.ratio), 1];
  const looks = ratios.map((curve) => lookOf(curve.role, theme));
  const marks = ratios.flatMap((curve) => {
    const c = curve.role !== 'threads' ? curve.crossover : undefined;
    return c?.kind === 'at' || c?.kind === 'between' ? [{ n: c.n, ratio: 1, label: `n ≈ ${c.n}` }] : [];
  });
  const x = sizeAxis(sizes);
  const y = {
    field: 'ratio',
    type: 'quantitative',
    scale: { type: 'log', domain: domainOf(all), nice: false },
    axis: { title: 'times as fast', values: ticksFor(all), format: '~g' },
  };
  return {
    title: 'Ratio: above 1, the one named first is faster',
    width: WIDTH,
    height: 200,
    layer: [
      {
        data: { values: [{ ratio: 1 }] },
        mark: { type: 'rule', color: theme.muted, strokeWidth: 1.5, strokeDash: [2, 3] },
        encoding: { y: { field: 'ratio', type: 'quantitative' } },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2.5, point: { filled: true, size: 55 } },
        encoding: {
          x,
          y,
          ...seriesChannels(
            ratios.map((r) => r.name),
            looks,
          ),
        },
      },
      {
        data: { values: marks },
        mark: { type: 'point', shape: 'circle', size: 170, strokeWidth: 2, color: theme.ink, filled: false },
        encoding: { x: { ...x }, y: { field: 'ratio', type: 'quantitative' } },
      },
      {
        data: { values: marks },
        mark: { type: 'text', align: 'left', dx: 8, dy: 16, color: theme.ink, fontSize: 12, fontWeight: 600 },
        encoding: { x: { ...x }, y: { field: 'ratio', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  };
}

interface Look {
  color: string;
  shape: string;
  dash: number[];
}

function lookOf(role: Curve['role'] | RatioCurve['role'], theme: Theme): Look {
  switch (role) {
    case 'cpu one':
      return { color: theme.cpu[0], shape: 'circle', dash: [1, 0] };
    case 'cpu all':
    case 'threads':
      return { color: theme.cpu[1], shape: 'square', dash: [1, 0] };
    case 'gpu':
      return { color: theme.gpu[0], shape: 'triangle-up', dash: [1, 0] };
    case 'gpu portable':
      return { color: theme.categories[2], shape: 'cross', dash: [3, 3] };
    case 'gpu with transfer':
      return { color: theme.gpu[1], shape: 'diamond', dash: [7, 4] };
  }
}

/** Colour, symbol and dash say the same thing, so the picture reads without colour too. */
function seriesChannels(domain: string[], looks: Look[]) {
  const channel = (range: unknown[]) => ({
    field: 'series',
    type: 'nominal',
    sort: domain,
    scale: { domain, range },
  });
  return {
    color: channel(looks.map((look) => look.color)),
    shape: channel(looks.map((look) => look.shape)),
    strokeDash: channel(looks.map((look) => look.dash)),
  };
}

/** Room around the data on a logarithmic axis. */
export function domainOf(values: readonly number[]): [number, number] {
  const positive = values.filter((v) => v > 0);
  return [Math.min(...positive) / 1.3, Math.max(...positive) * 1.3];
}

/** Round numbers of a logarithmic axis within the data: 1, 2, 5, 10 …, fewer over many decades and more over one. */
export function ticksFor(values: readonly number[]): number[] {
  const [low, high] = domainOf(values);
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 2, 3, 5, 7];
  const ticks: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const step of steps) ticks.push(Number(`${step}e${e}`));
  }
  return ticks.filter((t) => t >= low && t <= high);
}
