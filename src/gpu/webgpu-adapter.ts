// Finds a WebGPU adapter, in a browser or through the optional npm package `webgpu` in Node, or the reason why there is
// none.

import { isSoftwareName } from './backend.js';

/** An adapter with its name, or the reason why there is none. */
export type AdapterSearch =
  | { readonly adapter: GPUAdapter; readonly name: string; readonly software: boolean }
  | { readonly reason: string };

interface DawnModule {
  create(options: string[]): GPU;
}

// Dawn's instance must outlive everything made from it: Node aborts when it is collected. A property of the global
// object is a reference that neither a bundler nor an unloaded module removes.
const dawnKey = Symbol.for('cotangent.dawn');

/** The entry point of WebGPU, or the reason why there is none. */
async function findEntry(): Promise<{ gpu: GPU } | { reason: string }> {
  const native = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (native) return { gpu: native };
  const host = (globalThis as { process?: { versions?: { node?: string } } }).process;
  if (!host?.versions?.node) {
    const insecure = (globalThis as { isSecureContext?: boolean }).isSecureContext === false;
    return {
      reason: insecure
        ? 'WebGPU is withheld from this page: serve it over https or from localhost'
        : 'this browser has no WebGPU (navigator.gpu is missing): use a current Chrome, Edge, Firefox or Safari',
    };
  }
  const store = globalThis as { [dawnKey]?: GPU };
  if (store[dawnKey]) return { gpu: store[dawnKey] };
  // The name is in a variable, so that bundlers do not resolve an optional package at build time.
  const packageName = 'webgpu';
  let dawn: DawnModule;
  try {
    dawn = await import(/* @vite-ignore */ /* webpackIgnore: true */ packageName);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
      return {
        reason: 'Node has no WebGPU of its own: npm i webgpu (an optional package, about 130 MB) adds it',
      };
    }
    return { reason: `the npm package webgpu is installed but does not load: ${firstLine(message)}` };
  }
  try {
    store[dawnKey] = dawn.create([]);
    return { gpu: store[dawnKey] };
  } catch (error) {
    return { reason: `the npm package webgpu does not start: ${firstLine((error as Error).message)}` };
  }
}

/** Looks for an adapter, including software adapters; opens nothing. */
export async function findAdapter(): Promise<AdapterSearch> {
  const entry = await findEntry();
  if ('reason' in entry) return entry;
  let adapter: GPUAdapter | null = null;
  let refusal = '';
  for (const options of [{ powerPreference: 'high-performance' as const }, { forceFallbackAdapter: true }]) {
    try {
      adapter = await entry.gpu.requestAdapter(options);
    } catch (error) {
      refusal = `: ${firstLine((error as Error).message)}`;
    }
    if (adapter) break;
  }
  if (!adapter) {
    return {
      reason:
        'WebGPU is there but offers no adapter: a driver is missing or blocked ' +
        `(Linux needs libvulkan1 and the vendor's Vulkan driver; in a browser see about:gpu)${refusal}`,
    };
  }
  const info = adapter.info;
  const name =
    info.description ||
    [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') ||
    'unnamed adapter';
  const software =
    info.isFallbackAdapter === true ||
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter === true ||
    [info.vendor, info.architecture, info.device, info.description].some(isSoftwareName);
  return { adapter, name, software };
}

function firstLine(text: string | undefined): string {
  return (text ?? 'unknown reason').split('\n')[0]!.trim();
}
