// What is kept armed is replaced when it has waited too long, and never ended in the middle of its use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Armed, keepArmed } from '../../daemon/channel/keep-armed.ts';
import { createSessions } from '../../daemon/channel/sessions.ts';
import { eventually } from '../fixture/eventually.ts';
import { silentLog } from '../remote/link-fixture.ts';

const lifeMs = 50;

class Thing implements Armed {
  isUsed = false;
  isEnded = false;
  isArmed(): boolean {
    return !this.isUsed && !this.isEnded;
  }
  async end(): Promise<void> {
    this.isEnded = true;
  }
}

test('one that is used while its life ends is left to it, and replaced after', async (context) => {
  const things: Thing[] = [];
  const slot = keepArmed({
    transport: { command: ['ssh'], destination: 'nowhere', mounts: [] },
    sessions: createSessions(1),
    log: silentLog,
    lifeMs,
    async arm() {
      const thing = new Thing();
      things.push(thing);
      return thing;
    },
  });
  context.after(slot.close);
  await eventually('it was replaced unused', () => things.length > 2);
  assert.ok(things[0]?.isEnded);
  const outcome = await eventually('one is used', () =>
    slot.use(async (thing) => {
      thing.isUsed = true;
      await sleep(4 * lifeMs);
      return thing.isEnded ? 'ended' : 'left to it';
    }),
  );
  assert.equal(outcome, 'left to it');
  const count = things.length;
  await eventually('another is armed', () => things.length > count);
  await slot.close();
  assert.ok(things.every((thing) => thing.isEnded));
});
