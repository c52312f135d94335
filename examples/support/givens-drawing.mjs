// Signals on the vertices of a network in the plane, side by side, as an SVG picture.

/** Colours of -1, 0 and 1, between which is mixed. */
const COLOURS = [
  [23, 84, 158],
  [245, 245, 240],
  [200, 80, 10],
];

function colourOf(value) {
  const t = Math.max(-1, Math.min(1, value)) + 1;
  const k = Math.min(1, Math.floor(t));
  const mixed = COLOURS[k].map((from, c) => Math.round(from + (t - k) * (COLOURS[k + 1][c] - from)));
  return `rgb(${mixed.join(',')})`;
}

const text = (x, y, size, words, { anchor = 'start', fill = '#22262f', weight = 'normal' } = {}) =>
  `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" font-family="system-ui, sans-serif" fill="${fill}">${words}</text>`;

/**
 * Draws panels, left to right and top to bottom, with one scale of colours for all.
 * @param title of the picture, and `subtitle` below it.
 * @param positions list of [x, y] in the unit square; `edges` list of [u, v].
 * @param panels list of { caption, values }.
 * @param size of a panel; `columns` of panels.
 */
export function networkPanels({ title, subtitle, positions, edges, panels, size = 300, columns = 2 }) {
  const [gap, head, caption, foot] = [24, 62, 24, 52];
  const most = Math.max(...panels.flatMap(({ values }) => values.map(Math.abs)));
  const rows = Math.ceil(panels.length / columns);
  const width = gap + columns * (size + gap);
  const height = head + rows * (size + caption + gap) + foot;
  const drawn = panels.map(({ caption: words, values }, k) => {
    const left = gap + (k % columns) * (size + gap);
    const top = head + Math.floor(k / columns) * (size + caption + gap);
    const at = positions.map(([x, y]) =>
      [8 + x * (size - 16), 8 + (1 - y) * (size - 16)].map((z) => z.toFixed(1)),
    );
    const lines = edges.map(([u, v]) => `M${at[u].join(' ')}L${at[v].join(' ')}`).join('');
    const dots = values.map(
      (value, v) => `<circle cx="${at[v][0]}" cy="${at[v][1]}" r="5" fill="${colourOf(value / most)}"/>`,
    );
    return [
      text(left + 4, top + 14, 13, words),
      `<g transform="translate(${left} ${top + caption})"><path d="${lines}" stroke="#b9bfca" stroke-width="0.7" fill="none"/>`,
      `<g stroke="#3b404c" stroke-width="0.6">${dots.join('')}</g></g>`,
    ].join('\n');
  });
  const stops = [0, 0.25, 0.5, 0.75, 1].map(
    (t) => `<stop offset="${t}" stop-color="${colourOf(2 * t - 1)}"/>`,
  );
  const [barX, barY, barWidth] = [width / 2 - 120, height - foot + 4, 240];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<defs><linearGradient id="scale">${stops.join('')}</linearGradient></defs>`,
    '<rect width="100%" height="100%" fill="white"/>',
    text(gap, 26, 15, title, { weight: 'bold' }),
    text(gap, 46, 12, subtitle, { fill: '#5c6270' }),
    ...drawn,
    `<rect x="${barX}" y="${barY}" width="${barWidth}" height="12" fill="url(#scale)" stroke="#b9bfca" stroke-width="0.5"/>`,
    ...[-1, 0, 1].map((t) =>
      text(barX + (barWidth * (t + 1)) / 2, barY + 28, 11, (t * most).toFixed(1), {
        anchor: 'middle',
        fill: '#5c6270',
      }),
    ),
    '</svg>',
  ].join('\n');
}
