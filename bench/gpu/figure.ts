// The picture of the race: GFLOP/s over n by contestant, the middle half as a band, and the measured peak as a line.
import type { TopLevelSpec } from 'vega-lite';
import { domainOf, figureConfig, sizeAxis, ticksFor } from '../figure.js';
import { type ThemeName, themes } from '../theme.js';
import type { Field, GpuRow } from './race.js';

/** The time by which a row is judged: on the device where it is known. */
export const timeOf = ({ deviceMs, kernelMs }: GpuRow) => deviceMs ?? kernelMs;

export function raceFigure(
  rows: readonly GpuRow[],
  { names, peak, adapter }: Field,
  themeName: ThemeName,
): TopLevelSpec {
  const theme = themes[themeName];
  const values = rows.map((row) => {
    const [high, middle, low] = timeOf(row).map((ms) => (2 * row.n ** 3) / ms / 1e6);
    return { n: row.n, series: row.name, gflops: middle, low, high };
  });
  const sizes = [...new Set(values.map(({ n }) => n))].sort((a, b) => a - b);
  const all = [...values.flatMap(({ low, high }) => [low, high]), peak.gflops];
  const color = {
    field: 'series',
    type: 'nominal',
    sort: names,
    scale: { domain: names, range: theme.categories },
  };
  const x = sizeAxis(sizes);
  const scale = { type: 'log', domain: domainOf(all), nice: false };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'GFLOP/s of f32 products on the GPU over the matrix size, by library',
    title: `n × n products in f32, kernels alone, on ${adapter}`,
    width: 660,
    height: 320,
    resolve: { scale: { color: 'independent' } },
    layer: [
      {
        data: { values: [{ gflops: peak.gflops, label: 'measured peak' }] },
        layer: [
          { mark: { type: 'rule', color: theme.muted, strokeWidth: 1.5, strokeDash: [2, 3] } },
          {
            mark: { type: 'text', align: 'left', x: 4, dy: -8, color: theme.muted, fontSize: 12 },
            encoding: { text: { field: 'label' } },
          },
        ],
        encoding: { y: { field: 'gflops', type: 'quantitative' } },
      },
      {
        data: { values },
        mark: { type: 'area', opacity: 0.2 },
        encoding: {
          x,
          y: { field: 'low', type: 'quantitative' },
          y2: { field: 'high' },
          color: { ...color, legend: null },
        },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2.5, point: { filled: true, size: 55 } },
        encoding: {
          x,
          y: {
            field: 'gflops',
            type: 'quantitative',
            scale,
            axis: { title: 'GFLOP/s', values: ticksFor(all), format: '~g' },
          },
          color: { ...color, legend: null },
        },
      },
    ],
    config: figureConfig(theme),
  } as unknown as TopLevelSpec;
}
