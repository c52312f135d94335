// Images in a grid as an SVG picture, grey or in colours, the pixels in a PNG inside.
import { crc32, deflateSync } from 'node:zlib';

const GAP = 2;

/** A chunk of a PNG file. */
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The PNG file of pixels (bytes): grey, or of three channels. */
export function png(width, height, pixels, channels = 1) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 3 ? 2 : 0;
  const line = width * channels;
  const rows = Buffer.alloc(height * (line + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

/**
 * Draws images, left to right and top to bottom.
 * @param title of the picture.
 * @param images list of arrays of height · width numbers from 0 (white) to 1 (black), or what `shade` takes.
 * @param captions one below each image; default none.
 * @param rows names of the rows, at their left; default none.
 * @param zoom size of a pixel; default 2.
 * @param shade a number to the bytes [red, green, blue] of a colour; default grey.
 */
export function imageGrid({
  title,
  images,
  size: [h, w],
  columns,
  captions,
  rows: names = [],
  zoom = 2,
  shade,
}) {
  const channels = shade ? 3 : 1;
  const bytes = shade ?? ((value) => [Math.round(255 * (1 - value))]);
  const below = captions ? 7 : 0;
  const [cellW, cellH] = [w + GAP, h + GAP + below];
  const rows = Math.ceil(images.length / columns);
  const [width, height] = [columns * cellW, rows * cellH];
  const pixels = Buffer.alloc(width * height * channels, 255);
  images.forEach((image, k) => {
    const [left, top] = [(k % columns) * cellW, Math.floor(k / columns) * cellH];
    for (let i = 0; i < h * w; i++)
      pixels.set(bytes(image[i]), channels * ((top + Math.floor(i / w)) * width + left + (i % w)));
  });
  const text = (x, y, size, anchor, words) =>
    `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" font-family="system-ui, sans-serif" fill="#111827">${words}</text>`;
  const head = 30;
  const side = 10 + Math.ceil(Math.max(0, ...names.map((name) => 6.8 * name.length)));
  const labels = (captions ?? []).map((caption, k) => {
    const [x, y] = [(k % columns) * cellW + w / 2, Math.floor(k / columns) * cellH + h + 6];
    return text(side + zoom * x, head + zoom * y, 11, 'middle', caption);
  });
  const beside = names.map((name, k) =>
    text(side - 8, head + zoom * (k * cellH + h / 2) + 4, 12, 'end', name),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${zoom * width + side + 10}" height="${zoom * height + head + 10}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    text(10, 20, 14, 'start', title),
    `<image x="${side}" y="${head}" width="${zoom * width}" height="${zoom * height}" style="image-rendering: pixelated" href="data:image/png;base64,${png(width, height, pixels, channels).toString('base64')}"/>`,
    ...labels,
    ...beside,
    '</svg>',
  ].join('\n');
}
