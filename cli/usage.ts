// Parses lists on the command line; errors name the valid choices.

import { InvalidArgumentError } from 'commander';

/** A mistake in the arguments: printed as one sentence, exit code 2. */
export class UsageError extends Error {}

/** "64,256" as integers, each from 1 to `most`. */
export function integers(name: string, most: number): (text: string) => number[] {
  return (text) => {
    const numbers = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
    const wrong = numbers.findIndex((n) => !(n >= 1 && n <= most));
    if (wrong >= 0) {
      throw new InvalidArgumentError(
        `${name} must be integers from 1 to ${most}, got ${quote(text.split(',')[wrong])}.`,
      );
    }
    return [...new Set(numbers)];
  };
}

/** One integer from `least` to `most`. */
export function integer(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const n = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(n >= least && n <= most)) {
      throw new InvalidArgumentError(
        `${name} must be an integer from ${least} to ${most}, got ${quote(text)}.`,
      );
    }
    return n;
  };
}

/** A positive number. */
export function seconds(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= 3600)) {
      throw new InvalidArgumentError(`${name} must be a number of seconds, more than 0, got ${quote(text)}.`);
    }
    return value;
  };
}

/** "f32,f64" as a list of the available choices. */
export function choices<T extends string>(name: string, all: readonly T[]): (text: string) => T[] {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim());
    for (const part of parts) {
      if (!all.includes(part as T)) {
        throw new InvalidArgumentError(`there is no ${name} ${quote(part)}; there is ${all.join(', ')}.`);
      }
    }
    return [...new Set(parts)] as T[];
  };
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
