// Digits drawn with a shaky hand: [n, 1, 28, 28] in [0, 1] and their labels, for use without MNIST.
import { tensor } from 'cotangent';

const SIZE = 28;

/** Points on an ellipse, angles in turns, clockwise from the right. */
const arc = (cx, cy, rx, ry, from, to, steps = 12) =>
  Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / steps);
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** The strokes of each digit, in a unit square. */
const STROKES = [
  [arc(0.5, 0.5, 0.24, 0.36, 0, 1, 16)],
  [[[0.36, 0.28], [0.54, 0.14], [0.54, 0.86]]], // biome-ignore format: as drawn
  [[...arc(0.5, 0.33, 0.22, 0.2, 0.5, 1.08, 8), [0.28, 0.86], [0.74, 0.86]]],
  [[...arc(0.48, 0.32, 0.2, 0.18, 0.55, 1.2, 8), ...arc(0.48, 0.68, 0.23, 0.19, 0.78, 1.45, 9)]],
  [[[0.6, 0.88], [0.6, 0.13], [0.24, 0.62], [0.78, 0.62]]], // biome-ignore format: as drawn
  [[[0.7, 0.14], [0.34, 0.14], [0.31, 0.46], ...arc(0.48, 0.65, 0.22, 0.21, 0.67, 1.4, 9)]], // biome-ignore format: as drawn
  [[[0.62, 0.12], [0.4, 0.36], ...arc(0.5, 0.66, 0.2, 0.2, 0.5, 1.5, 14)]], // biome-ignore format: as drawn
  [[[0.26, 0.15], [0.74, 0.15], [0.44, 0.87]]], // biome-ignore format: as drawn
  [arc(0.5, 0.32, 0.18, 0.17, 0, 1, 14), arc(0.5, 0.68, 0.21, 0.19, 0, 1, 14)],
  [[...arc(0.5, 0.34, 0.2, 0.2, 0, 1, 14), [0.68, 0.6], [0.56, 0.88]]], // biome-ignore format: as drawn
];

/** The squared distance of a point from a line between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2;
}

/** n digits; each stroke is turned, slanted, stretched and moved at random. */
export function digits(generator, n) {
  const labels = generator.integers([n], 0, 10);
  const numbers = generator.uniform([n, 8], { low: -1, high: 1 });
  const hand = numbers.data();
  const pixels = new Float32Array(n * SIZE * SIZE);
  for (let k = 0; k < n; k++) {
    const [turn, slant, wide, high, right, down, thick, bend] = hand.subarray(8 * k, 8 * k + 8);
    const [c, s] = [Math.cos(0.25 * turn), Math.sin(0.25 * turn)];
    const place = ([x, y]) => {
      const [u, v] = [(x - 0.5) * (1 + 0.2 * wide), (y - 0.5) * (1 + 0.12 * high)];
      const w = u + 0.3 * slant * v + 0.3 * bend * v * v;
      return [SIZE * (0.5 + c * w - s * v) + 2 * right, SIZE * (0.5 + s * w + c * v) + 2 * down];
    };
    const lines = STROKES[labels.data()[k]].flatMap((stroke) => {
      const points = stroke.map(place);
      return points.slice(1).map((point, i) => [points[i], point]);
    });
    const width = 1.1 + 0.4 * thick;
    for (let i = 0; i < SIZE * SIZE; i++) {
      const at = [(i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5];
      const d = Math.sqrt(Math.min(...lines.map(([a, b]) => distance(at, a, b))));
      pixels[k * SIZE * SIZE + i] = Math.max(0, Math.min(1, 1.2 + width - d));
    }
  }
  numbers.dispose();
  return { x: tensor(pixels, { shape: [n, 1, SIZE, SIZE] }), y: labels };
}
