// A page that plays vorticities beside each other: one file, without network. Frames are 32 shades, as differences in time, packed.
import { deflateRawSync } from 'node:zlib';
import { diverging } from './assimilation-pictures.mjs';
import { MOST } from './flow-pictures.mjs';

const SHADES = 32;

/** Shades of frames, each as its difference from the one before. */
function packed(frames) {
  const size = frames[0].length;
  const bytes = Buffer.alloc(frames.length * size);
  let before = new Uint8Array(size);
  frames.forEach((frame, f) => {
    const shades = Uint8Array.from(frame, (value) =>
      Math.round(((Math.max(-MOST, Math.min(MOST, value)) + MOST) / (2 * MOST)) * (SHADES - 1)),
    );
    for (let i = 0; i < size; i++) bytes[f * size + i] = shades[i] - before[i];
    before = shades;
  });
  return deflateRawSync(bytes, { level: 9 }).toString('base64');
}

/**
 * The page.
 * @param panels list of { name, frames, errors? }: frames of n · n vorticities, x the slower index; errors of every frame.
 * @param interval the time between frames. @param forecast the time from which on nothing was observed.
 */
export function flowPage({ title, text, panels, n, interval, forecast }) {
  const shades = Array.from({ length: SHADES }, (_, k) => diverging((2 * k) / (SHADES - 1) - 1));
  const data = {
    ...{ n, interval, forecast, shades, count: panels[0].frames.length },
    panels: panels.map(({ name, frames, errors }) => ({
      name,
      data: packed(frames),
      ...(errors && { errors: errors.map((error) => Number(error.toFixed(3))) }),
    })),
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { margin: 0 auto; max-width: 1060px; padding: 16px; font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; color: #111827; background: white; }
h1 { font-size: 19px; margin: 0 0 4px; }
p { margin: 0 0 12px; color: #5c6270; }
#panels { display: grid; grid-template-columns: repeat(${panels.length}, 1fr); gap: 12px; }
figure { margin: 0; }
#panels canvas { width: 100%; aspect-ratio: 1; border: 1px solid #9aa1ad; box-sizing: border-box; display: block; }
figcaption { display: flex; justify-content: space-between; gap: 8px; margin-bottom: 4px; }
figcaption span { color: #5c6270; font-variant-numeric: tabular-nums; }
#controls { display: flex; align-items: center; gap: 12px; margin: 14px 0 8px; }
#controls input { flex: 1; }
button { font: inherit; width: 5.2em; padding: 4px 0; }
#time { font-variant-numeric: tabular-nums; width: 16em; }
#chart { width: 100%; height: 220px; display: block; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
<div id="panels"></div>
<div id="controls"><button id="play" type="button">Play</button><input id="at" type="range" min="0" value="0" aria-label="time"><span id="time"></span></div>
<canvas id="chart" aria-label="relative errors over time"></canvas>
<script type="application/json" id="data">${JSON.stringify(data)}</script>
<script>
${PLAYER}
</script>
</body>
</html>
`;
}

/** What runs in the page. */
const PLAYER = `'use strict';
const { n, interval, forecast, shades, count, panels } = JSON.parse(document.getElementById('data').textContent);
const COLOURS = ['#5c6270', '#c8500a', '#17549e'];
const element = (id) => document.getElementById(id);
const [button, slider, label, chart] = ['play', 'at', 'time', 'chart'].map(element);
let [frame, playing, last] = [0, true, 0];

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const frames = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let i = n * n; i < frames.length; i++) frames[i] += frames[i - n * n];
  return frames;
}

function addPanel({ name, errors }) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const error = document.createElement('span');
  const screen = document.createElement('canvas');
  screen.width = screen.height = 320;
  caption.append(name, error);
  figure.append(caption, screen);
  element('panels').append(figure);
  const small = document.createElement('canvas');
  small.width = small.height = n;
  return { error, errors, small, pen: screen.getContext('2d'), image: new ImageData(n, n) };
}

function draw() {
  for (const { frames, errors, error, small, pen, image } of views) {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const at = 4 * ((n - 1 - j) * n + i);
        const [r, g, b] = shades[frames[frame * n * n + i * n + j]];
        image.data[at] = r; image.data[at + 1] = g; image.data[at + 2] = b; image.data[at + 3] = 255;
      }
    small.getContext('2d').putImageData(image, 0, 0);
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(small, 0, 0, pen.canvas.width, pen.canvas.height);
    if (errors) error.textContent = 'error ' + errors[frame].toFixed(2);
  }
  const t = frame * interval;
  label.textContent = 't = ' + t.toFixed(2) + (t < forecast ? ', assimilation window' : ', forecast');
  slider.value = frame;
  drawChart();
}

function drawChart() {
  const [w, h] = [chart.clientWidth, chart.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  chart.width = w * ratio; chart.height = h * ratio;
  const pen = chart.getContext('2d');
  pen.scale(ratio, ratio);
  pen.font = '13px system-ui, sans-serif';
  const [left, top, right, bottom] = [34, 40, w - 10, h - 22];
  const curves = views.map((view, k) => ({ ...view, colour: COLOURS[k], name: panels[k].name })).filter(({ errors }) => errors);
  const most = Math.max(1, ...curves.flatMap(({ errors }) => errors));
  const x = (f) => left + ((right - left) * f) / (count - 1);
  const y = (e) => bottom - ((bottom - top) * e) / most;
  const line = (x0, y0, x1, y1, colour, dash = []) => {
    pen.strokeStyle = colour; pen.setLineDash(dash); pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke();
  };
  pen.fillStyle = '#5c6270';
  for (const e of [0, 0.5, 1]) {
    line(left, y(e), right, y(e), '#e3e6ec');
    pen.fillText(e.toFixed(1), 6, y(e) + 4);
  }
  const end = (count - 1) * interval;
  for (let t = 0; t <= end; t++) pen.fillText(t, x(t / interval) - 4, h - 5);
  pen.fillText('time', right - 30, h - 5);
  line(x(forecast / interval), top - 14, x(forecast / interval), bottom, '#5c6270', [5, 4]);
  pen.fillText('forecast', x(forecast / interval) + 5, top - 6);
  pen.lineWidth = 2;
  curves.forEach(({ errors, colour, name }, k) => {
    pen.strokeStyle = pen.fillStyle = colour; pen.setLineDash([]); pen.beginPath();
    errors.forEach((e, f) => pen.lineTo(x(f), y(e)));
    pen.stroke();
    pen.fillText('error of the ' + name, left + 6 + 190 * k, 12);
    pen.beginPath(); pen.arc(x(frame), y(errors[frame]), 4, 0, 7); pen.fill();
  });
  line(x(frame), top, x(frame), bottom, '#9aa1ad');
}

function tick(now) {
  if (playing && now - last >= 60) {
    last = now;
    frame = (frame + 1) % count;
    draw();
    if (frame === count - 1) last = now + 1200;
  }
  requestAnimationFrame(tick);
}

const play = (on) => { playing = on; button.textContent = on ? 'Pause' : 'Play'; };
const views = panels.map(addPanel);
Promise.all(panels.map(({ data }) => unpack(data))).then((all) => {
  all.forEach((frames, k) => { views[k].frames = frames; });
  slider.max = count - 1;
  const wanted = /^#(\\d+)$/.exec(location.hash);
  if (wanted) frame = Math.min(count - 1, Number(wanted[1]));
  play(!wanted);
  button.onclick = () => play(!playing);
  slider.oninput = () => { play(false); frame = Number(slider.value); draw(); };
  window.onresize = draw;
  draw();
  requestAnimationFrame(tick);
});`;
