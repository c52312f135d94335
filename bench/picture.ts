// Draws a Vega-Lite specification as SVG text: the same code in Node, without a screen, and in a browser.

// @ts-expect-error: vega exports textMetrics, its types leave it out
import { parse, textMetrics, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

// Without a canvas Vega assumes 0.8 em for every letter, which is wrong for text fonts and spreads legends apart.
if (typeof document === 'undefined') {
  const metrics = textMetrics as { width(item: { fontSize?: number }, text: unknown): number };
  metrics.width = (item, text) => 0.56 * (item.fontSize ?? 11) * String(text ?? '').length;
}

export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
