// What portald knows that may stand on a command line: asked for by the shell's completion, one a line.
import type { Connection } from '../connection.ts';

const ids = (all: readonly { readonly id: string }[]): string[] => all.map((one) => one.id);

const kinds = {
  portals: async (connection: Connection) =>
    (await connection.call('portal.list', {})).portals.map((portal) => portal.name),
  volumes: async (connection: Connection) =>
    ids((await connection.call('volume.list', { all: true })).volumes),
  snapshots: async (connection: Connection) =>
    ids((await connection.call('snapshot.list', { all: true })).snapshots),
  orphans: async (connection: Connection) => ids((await connection.call('orphan.list', {})).orphans),
  zones: async (connection: Connection) => [...(await connection.call('volume.zones', {})).zones],
} as const;

export type Listed = keyof typeof kinds;

export const listedKinds = Object.keys(kinds) as readonly Listed[];

/** What a shell may be given without quotes. */
const plain = /^[A-Za-z0-9][\w.-]*$/;

/** Rejects with PortalError. */
export async function listed(kind: Listed, connection: Connection): Promise<string[]> {
  return (await kinds[kind](connection)).filter((word) => plain.test(word));
}
