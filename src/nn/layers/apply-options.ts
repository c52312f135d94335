// How layers hand the options of `apply` on, and how they ask for the epoch.

import { foldIn } from '../../ops/random-bits.js';
import type { ApplyOptions } from './layer.js';

/**
 * On the options that `fit` gives: whether `count` epochs are behind. The question is noted, so that the compiled step is
 * made anew when the answer changes; whoever reads `epoch` itself is asked in every epoch.
 */
export const behind: unique symbol = /* @__PURE__ */ Symbol('epochs behind');

/** Options that note who asks for the epoch. */
export interface WatchedOptions extends ApplyOptions {
  [behind]?(count: number): boolean;
}

/** Whether `count` epochs of training are behind; without an epoch, and outside of training, they are. */
export function areBehind(options: ApplyOptions | undefined, count: number): boolean {
  if (options === undefined || options.training !== true) return true;
  const asked = (options as WatchedOptions)[behind];
  if (asked !== undefined) return asked(count);
  return options.epoch === undefined || options.epoch >= count;
}

/** The options for part i of a layer: its own key, so that no two parts, including nested ones, draw the same numbers. */
export function optionsAt(options: ApplyOptions | undefined, i: number): ApplyOptions | undefined {
  return options?.key === undefined ? options : changed(options, { key: foldIn(options.key, i) });
}

/** The same options with others. The epoch is not read: to read it is to depend on it. */
export function changed(options: ApplyOptions, others: ApplyOptions): ApplyOptions {
  const all = { ...Object.getOwnPropertyDescriptors(options), ...Object.getOwnPropertyDescriptors(others) };
  return Object.defineProperties({}, all);
}
