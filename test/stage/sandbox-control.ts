// The sandbox's control interface: the truth about its region, and the hand that makes things happen there.

export interface SandboxInstance {
  readonly instanceId: string;
  readonly state: string;
  readonly [field: string]: unknown;
}

export interface BillLine {
  readonly resourceId: string;
  readonly kind: 'instance' | 'volume' | 'snapshot';
  readonly end: string | null;
  readonly seconds: number;
  readonly dollars: number;
}

export interface Bill {
  readonly lines: readonly BillLine[];
  readonly openFleets: readonly string[];
  readonly coming: readonly string[];
}

export interface SandboxControl {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  remove(path: string): Promise<void>;
  bill(): Promise<Bill>;
  instances(): Promise<readonly SandboxInstance[]>;
}

export function createSandboxControl(base: string): SandboxControl {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${base}/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const value = (await answer.json()) as T & { error?: string };
    if (!answer.ok) throw new Error(`sandbox: ${value.error ?? answer.status}`);
    return value;
  };
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    remove: async (path) => {
      await ask('DELETE', path);
    },
    bill: () => ask('GET', 'bill'),
    instances: async () => (await ask<{ instances: SandboxInstance[] }>('GET', 'state')).instances,
  };
}
