// The picture of `cotangent bench` as a Vega-Lite specification: one small panel per kernel, rate over size.

import type { TopLevelSpec } from 'vega-lite';
import { figureConfig } from './figure.js';
import { placeOf, type Row } from './row.js';
import { type ThemeName, themes } from './theme.js';

const PANEL_WIDTH = 290;

export function benchFigure(rows: readonly Row[], themeName: ThemeName): TopLevelSpec {
  const theme = themes[themeName];
  const values = rows.map((row) => ({
    panel: `${row.kernel}, ${row.gbytesPerSecond === undefined ? 'GFLOP/s' : 'GB/s'}`,
    n: row.size,
    rate: row.gbytesPerSecond ?? row.gflops,
    series: `${row.dtype}, ${placeOf(row)}`,
  }));
  const series = [...new Set(values.map((v) => v.series))];
  const kernels = [...new Set(values.map((v) => v.panel))];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Rate of each kernel over its size',
    data: { values },
    facet: { field: 'panel', type: 'nominal', title: null, sort: kernels },
    columns: 2,
    resolve: { scale: { x: 'independent', y: 'independent' } },
    spec: {
      width: PANEL_WIDTH,
      height: 160,
      mark: { type: 'line', strokeWidth: 2, point: { filled: true, size: 50 } },
      encoding: {
        x: {
          field: 'n',
          type: 'quantitative',
          scale: { type: 'log', base: 2 },
          axis: { title: 'n', format: 'd', grid: false, tickCount: 5 },
        },
        y: {
          field: 'rate',
          type: 'quantitative',
          scale: { zero: true },
          axis: { title: null, tickCount: 5 },
        },
        color: {
          field: 'series',
          type: 'nominal',
          sort: series,
          scale: { domain: series, range: theme.categories },
        },
        shape: { field: 'series', type: 'nominal', sort: series, scale: { domain: series } },
      },
    },
    config: {
      ...figureConfig(theme),
      header: { labelColor: theme.ink, labelFontSize: 13, labelFontWeight: 600, labelAnchor: 'start' },
    },
  } as unknown as TopLevelSpec;
}
