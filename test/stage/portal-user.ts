// What a user of a portal does and sees, for the integration tests.
import assert from 'node:assert/strict';
import type { PortalState, PortalView } from '../../protocol/portal-view.ts';
import { eventually } from '../fixture/eventually.ts';
import type { Stage } from './stage.ts';

export interface PortalUser {
  view(): Promise<PortalView>;
  open(): Promise<PortalView>;
  close(): Promise<PortalView>;
  /** Waits until the portal's state is `state` (and, if given, its instance is another than `not`). */
  until(state: PortalState, not?: string): Promise<PortalView>;
  /** What a file on the instance holds once it is there. */
  fileThere(path: string): Promise<string>;
}

export function portalUser(stage: Stage, name: string): PortalUser {
  const told = async (words: string[]): Promise<PortalView> => {
    const finished = await stage.portalctl([...words, '--json']);
    assert.equal(finished.code, 0, `portalctl ${words.join(' ')}: ${finished.stdout}${finished.stderr}`);
    return (JSON.parse(finished.stdout) as { portal: PortalView }).portal;
  };
  const view = async (): Promise<PortalView> => (await stage.ask('portal.status', { name })).portal;
  return {
    view,
    open: () => told(['open', name]),
    close: () => told(['close', name]),
    until: (state, not) =>
      eventually(`${name} is ${state}`, async () => {
        const now = await view();
        if (now.state !== state || (not !== undefined && now.instance?.id === not)) return undefined;
        // A portald that was just started has not asked EC2 for the address yet.
        return state === 'open' && now.instance?.address === undefined ? undefined : now;
      }),
    async fileThere(path) {
      const { instance } = await view();
      return eventually(`${path} is on the instance`, async () => {
        const found = await stage.onInstance(instance?.address ?? '', `cat '${path}'`);
        return found.code === 0 ? found.stdout : undefined;
      });
    },
  };
}

/** Fails if anything but the volumes that were there from the start costs something. */
export async function assertNothingLeft(stage: Stage): Promise<void> {
  const { volumes } = await stage.control.get<{ volumes: { volumeId: string; state: string }[] }>('state');
  const bill = await stage.control.bill();
  const given = ['vol-0123456789abcdef0', 'vol-0fedcba9876543210'];
  assert.deepEqual(bill.openFleets, [], 'no fleet is open');
  assert.deepEqual(bill.coming, [], 'no instance is coming');
  assert.deepEqual(
    bill.lines.filter((line) => line.end === null && !given.includes(line.resourceId)),
    [],
    'nothing goes on billing',
  );
  for (const one of volumes.filter((volume) => given.includes(volume.volumeId))) {
    assert.equal(one.state, 'available', `${one.volumeId} is free`);
  }
}
