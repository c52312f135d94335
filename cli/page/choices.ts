// The settings of the page: the server's, then the query string, such as ?sizes=64,128&threads=2&backend=webgl2.

export interface Choices {
  sizes?: number[];
  threads?: number;
  backend: 'auto' | 'webgpu' | 'webgl2' | 'none';
  software: boolean;
  /** Seconds for one row. */
  budget?: number;
  cotangent: string;
}

export async function choicesFrom(address: URL): Promise<Choices> {
  const settings = (await (await fetch('/settings.json')).json()) as {
    cotangent: string;
    allowSoftware: boolean;
  };
  const query = address.searchParams;
  const sizes = query
    .get('sizes')
    ?.split(',')
    .map(Number)
    .filter((n) => Number.isInteger(n) && n >= 1 && n <= 16384);
  const threads = Number(query.get('threads'));
  const budget = Number(query.get('budget'));
  const backend = query.get('backend') ?? 'auto';
  return {
    ...(sizes?.length && { sizes }),
    ...(Number.isInteger(threads) && threads >= 1 && threads <= 64 && { threads }),
    ...(budget > 0 && { budget }),
    backend: (['webgpu', 'webgl2', 'none'].includes(backend) ? backend : 'auto') as Choices['backend'],
    software: query.has('software') || settings.allowSoftware,
    cotangent: settings.cotangent,
  };
}
