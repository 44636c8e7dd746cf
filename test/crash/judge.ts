// Judgement by the sandbox's own books, which portald cannot touch: how many instances there were and are, where the
// volumes are and in what state, and what goes on costing.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { tagNames } from '../../daemon/portal/cloud.ts';
import type { CrashFixture } from './crash-fixture.ts';
import { untilNoStrays } from './strays.ts';

interface TaggedInstance {
  readonly instanceId: string;
  readonly fleetId: string;
  readonly state: string;
  readonly launchedAtMs: number;
  readonly publicAddress?: string;
  readonly interruption?: { readonly atMs: number };
  readonly tags: Readonly<Record<string, string>>;
}

interface Volume {
  readonly volumeId: string;
  readonly state: string;
  readonly tornFrom: readonly string[];
  readonly attachment?: { readonly instanceId: string };
}

interface Books {
  readonly instances: readonly TaggedInstance[];
  readonly fleets: readonly { readonly fleetId: string; readonly tags: Readonly<Record<string, string>> }[];
  readonly volumes: readonly Volume[];
  readonly machines: readonly string[];
}

export interface Call {
  readonly action: string;
  readonly changes: boolean;
  readonly outcome: string;
}

export const booksOf = (fixture: CrashFixture): Promise<Books> =>
  fixture.programs.control.get<Books>('state');

export async function callsOf(fixture: CrashFixture): Promise<readonly Call[]> {
  return (await fixture.programs.control.get<{ calls: readonly Call[] }>('calls')).calls;
}

/** The portal's instances, ended ones included. */
export function instancesOf(books: Books, portal: string): readonly TaggedInstance[] {
  return books.instances.filter((one) => one.tags[tagNames.portal] === portal);
}

const isAlive = (one: { state: string }): boolean => one.state === 'pending' || one.state === 'running';

/** Looks at the books all the time until ended; keeps what must never be. */
export function watchBooks(
  fixture: CrashFixture,
  portals: readonly string[],
): { end(): Promise<readonly string[]> } {
  const wrong = new Set<string>();
  let ended = false;
  const look = async (): Promise<void> => {
    const books = await booksOf(fixture);
    for (const portal of portals) {
      const alive = instancesOf(books, portal).filter(isAlive);
      const wanted = alive.filter((one) => one.interruption === undefined);
      if (wanted.length > 1)
        wrong.add(`${portal} has ${wanted.length} instances beside those that were given notice`);
    }
  };
  const watching = (async () => {
    while (!ended) {
      await look();
      await sleep(50);
    }
  })();
  return {
    async end() {
      ended = true;
      await watching;
      return [...wrong];
    },
  };
}

/**
 * Nothing costs any more but the given volumes; these are free, and each was cleanly unmounted from every instance it
 * was ever on, but for instances of a `sudden` death. Nothing runs here any more but portald and its EC2.
 */
export async function assertNothingLeft(
  fixture: CrashFixture,
  sudden: ReadonlySet<string> = new Set(),
): Promise<void> {
  const books = await booksOf(fixture);
  const bill = await fixture.programs.control.bill();
  assert.deepEqual(bill.openFleets, [], 'no fleet is open');
  assert.deepEqual(bill.coming, [], 'no instance is coming');
  assert.deepEqual(
    bill.lines.filter((line) => line.end === null && !fixture.volumes.includes(line.resourceId)),
    [],
    'nothing goes on billing',
  );
  assert.deepEqual(books.machines, [], 'no machine runs');
  for (const volume of books.volumes.filter((one) => fixture.volumes.includes(one.volumeId))) {
    assert.equal(volume.state, 'available', `${volume.volumeId} is free`);
    assert.equal(volume.attachment, undefined, `${volume.volumeId} is detached`);
    assert.deepEqual(
      volume.tornFrom.filter((instanceId) => !sudden.has(instanceId)),
      [],
      `${volume.volumeId} was always unmounted`,
    );
  }
  await untilNoStrays(fixture.programs.folder);
}

/** Every instance that was ever launched or billed for the portal: exactly `count`, and all have ended. */
export async function assertLaunched(fixture: CrashFixture, portal: string, count: number): Promise<void> {
  const launched = instancesOf(await booksOf(fixture), portal);
  assert.equal(launched.length, count, `${portal} launched ${count} instances`);
  const ids = launched.map((one) => one.instanceId);
  const lines = (await fixture.programs.control.bill()).lines.filter((line) => ids.includes(line.resourceId));
  assert.ok(lines.length <= count, 'no instance was billed twice');
  assert.deepEqual(
    launched.filter((one) => one.state !== 'terminated'),
    [],
    'all have ended',
  );
}
