// Colours of the pictures on a light and on a dark page; blue and orange stay apart for colour-blind readers.

export type ThemeName = 'light' | 'dark';

export interface Theme {
  ink: string;
  muted: string;
  grid: string;
  /** CPU: paler for one thread, stronger for all. */
  cpu: [one: string, all: string];
  /** GPU: without and with transfer. */
  gpu: [kernel: string, transfer: string];
  /** For pictures with more series than CPU against GPU. */
  categories: string[];
}

export const themes: Record<ThemeName, Theme> = {
  light: {
    ink: '#1d1f24',
    muted: '#5c6270',
    grid: '#e3e6ec',
    cpu: ['#6a9fd8', '#17549e'],
    gpu: ['#c8500a', '#e79a4f'],
    categories: ['#17549e', '#c8500a', '#2b7d4f', '#8a3f9c', '#8f6a00', '#b3274f', '#3d7f8c', '#5b5f97'],
  },
  dark: {
    ink: '#e8eaf0',
    muted: '#a0a7b8',
    grid: '#333845',
    cpu: ['#5f86b8', '#7fb8ff'],
    gpu: ['#ff9a4d', '#c98a5a'],
    categories: ['#7fb8ff', '#ff9a4d', '#6fd09a', '#d59be6', '#e0c05a', '#ff8aa8', '#7fd0dd', '#a9adf0'],
  },
};
