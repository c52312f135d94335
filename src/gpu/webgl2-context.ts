// Finds a WebGL2 context that can compute in f32, or the reason why there is none.

import { isSoftwareName } from './backend.js';

export type ContextSearch =
  | { readonly gl: WebGL2RenderingContext; readonly name: string; readonly software: boolean }
  | { readonly reason: string };

let kept: { gl: WebGL2RenderingContext; name: string; software: boolean } | undefined;

/** A context on its own canvas. The same one until it is taken or lost: browsers allow about sixteen. */
export function findContext(): ContextSearch {
  if (kept && !kept.gl.isContextLost()) return kept;
  kept = undefined;
  if (typeof WebGL2RenderingContext === 'undefined') {
    return { reason: 'there is no WebGL2 here: it needs a browser' };
  }
  const canvas =
    typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2', {
    alpha: false,
    depth: false,
    antialias: false,
    powerPreference: 'high-performance',
  }) as WebGL2RenderingContext | null;
  if (!gl)
    return {
      reason:
        'this browser gives no WebGL2 context: it is switched off, or the driver is blocked (see about:gpu)',
    };
  if (!gl.getExtension('EXT_color_buffer_float')) {
    return { reason: 'this GPU cannot render to f32 textures (EXT_color_buffer_float is missing)' };
  }
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  kept = { gl, name, software: isSoftwareName(name) };
  return kept;
}

/** Passes the context to a backend, which will end it. */
export function takeContext(gl: WebGL2RenderingContext): void {
  if (kept?.gl === gl) kept = undefined;
}
