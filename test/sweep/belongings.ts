// Things in AWS and those who may want them, for the sweep's tables, written as differences from the ordinary.
import type { PortalRecord } from '../../daemon/portal/record.ts';
import type { Belonging } from '../../daemon/sweep/belonging.ts';
import { type Claims, claimsOf, type LeftFile } from '../../daemon/sweep/claims.ts';

export const tags = {
  'portald:installation': 'ours',
  'portald:portal': 'gpu',
  'portald:opening': 'opening',
  'portald:generation': '1',
};

/** An instance of the fleet sfr-1 of the opening `opening` of the portal `gpu`. */
export function instance(change: Partial<Belonging> = {}): Belonging {
  return { kind: 'instance', id: 'i-1', state: 'running', tags, origins: ['sfr-1'], ...change };
}

export function fleet(change: Partial<Belonging> = {}): Belonging {
  return { kind: 'fleet', id: 'sfr-1', state: 'active', tags, origins: [], ...change };
}

export function volume(change: Partial<Belonging> = {}): Belonging {
  return { kind: 'volume', id: 'vol-7', state: 'available', tags, origins: [], ...change };
}

export function snapshot(change: Partial<Belonging> = {}): Belonging {
  return { kind: 'snapshot', id: 'snap-1', state: 'completed', tags, origins: ['vol-7'], ...change };
}

export function claims(records: readonly PortalRecord[] = [], leftFiles: readonly LeftFile[] = []): Claims {
  return claimsOf('ours', records, leftFiles);
}

export function leftFile(portal: string, text = ''): LeftFile {
  return { path: `/state/portals/${portal}.json.set-aside-1`, portal, text };
}
