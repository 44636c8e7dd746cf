// What is an orphan, in sentences, and when it has been one for long enough.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Belonging } from '../../daemon/sweep/belonging.ts';
import type { Claims } from '../../daemon/sweep/claims.ts';
import { orphansOf } from '../../daemon/sweep/decide-orphans.ts';
import { isRipe, type Sightings, sightedAgain } from '../../daemon/sweep/sightings.ts';
import * as portal from '../portal/world.ts';
import * as a from './belongings.ts';

const closed = { wish: 'closed', closedAt: portal.now } as const;
const other = { name: 'other', opening: 'elsewhere' };
const onlyId = { 'portald:installation': 'ours', 'portald:portal': 'gpu' };

/** What becomes of the first of the belongings: it is wanted, or an orphan that is ended, only told, or kept. */
type Fate = 'wanted' | 'ended' | 'told' | 'kept';
type Row = [sentence: string, belongings: Belonging[], claims: Claims, fate: Fate];

const rows: Row[] = [
  [
    'a volume that a user had made is wanted, whatever the records say',
    [a.volume({ tags: { 'portald:installation': 'ours', 'portald:created-by': 'me@here' } })],
    a.claims(),
    'wanted',
  ],
  [
    'a machine is an orphan with that tag, too',
    [a.instance({ tags: { ...a.tags, 'portald:created-by': 'me@here' } })],
    a.claims(),
    'ended',
  ],
  ['an instance without any record is ended', [a.instance()], a.claims(), 'ended'],
  [
    'an instance that no spot fleet launched is only reported: anybody may have tagged it',
    [a.instance({ origins: [] })],
    a.claims(),
    'told',
  ],
  [
    'also one with the tags of an open portal',
    [a.instance({ origins: [] })],
    a.claims([portal.record()]),
    'told',
  ],
  ['a fleet without any record is ended', [a.fleet()], a.claims(), 'ended'],
  ['a fleet just submitted is ended too', [a.fleet({ state: 'submitted' })], a.claims(), 'ended'],
  [
    'what an open portal launched in this opening is for its own loop',
    [a.instance()],
    a.claims([portal.record()]),
    'wanted',
  ],
  [
    'so is what a closing portal launched, until EC2 shows nothing left of it',
    [a.fleet()],
    a.claims([portal.record({ wish: 'closed' })]),
    'wanted',
  ],
  ['what a closed portal left behind is ended', [a.instance()], a.claims([portal.record(closed)]), 'ended'],
  [
    'so is what only the history of a closed portal names',
    [a.instance()],
    a.claims([
      portal.record({
        ...closed,
        history: [
          { at: '2026-11-24T12:00:00.000Z', level: 'info', text: `instance ${a.instance().id} is launched` },
        ],
      }),
    ]),
    'ended',
  ],
  [
    'what an earlier opening of an open portal left behind is ended',
    [a.instance()],
    a.claims([portal.record({ opening: 'later' })]),
    'ended',
  ],
  [
    'what another portal launched in an opening of that id is ended',
    [a.instance()],
    a.claims([portal.record({ name: 'other' })]),
    'ended',
  ],
  [
    'an instance that any record names is wanted',
    [a.instance()],
    a.claims([portal.record({ ...other, generations: [portal.generation(1, { fleetId: 'sfr-9' })] })]),
    'wanted',
  ],
  [
    'an instance is wanted when a record names its fleet: it may not have heard of the instance yet',
    [a.instance({ id: 'i-9' })],
    a.claims([portal.record({ ...other, generations: [portal.generation(1)] })]),
    'wanted',
  ],
  [
    'a fleet is wanted when a record names its instance',
    [a.fleet({ id: 'sfr-9' }), a.instance({ origins: ['sfr-9'] })],
    a.claims([portal.record({ ...other, generations: [portal.generation(1)] })]),
    'wanted',
  ],
  [
    "a record that was set aside keeps what carries its portal's name",
    [a.instance()],
    a.claims([], [a.leftFile('gpu')]),
    'kept',
  ],
  [
    'it does so although the portal was opened anew',
    [a.instance()],
    a.claims([portal.record({ opening: 'later' })], [a.leftFile('gpu')]),
    'kept',
  ],
  [
    'it keeps what its text names, however damaged',
    [a.instance()],
    a.claims([], [a.leftFile('other', '{"generations":[{"instanceId":"i-1","fle')]),
    'kept',
  ],
  [
    'it keeps a fleet whose instance its text names',
    [a.fleet(), a.instance()],
    a.claims([], [a.leftFile('other', '"i-1"')]),
    'kept',
  ],
  [
    'it keeps nothing of other portals',
    [a.instance()],
    a.claims([], [a.leftFile('other', 'i-2 sfr-2')]),
    'ended',
  ],
  [
    "another installation's instance is none of ours",
    [a.instance({ tags: { ...a.tags, 'portald:installation': 'theirs' } })],
    a.claims(),
    'wanted',
  ],
  ['an untagged instance is none of ours', [a.instance({ tags: {} })], a.claims(), 'wanted'],
  [
    'an instance without the whole of our tags is told, not ended',
    [a.instance({ tags: onlyId })],
    a.claims(),
    'told',
  ],
  [
    'an instance that ends or has ended is no orphan',
    [a.instance({ state: 'shutting-down' })],
    a.claims(),
    'wanted',
  ],
  [
    'a stopped instance still has its disks, and is ended',
    [a.instance({ state: 'stopped' })],
    a.claims(),
    'ended',
  ],
  ['a cancelled fleet is no orphan', [a.fleet({ state: 'cancelled_running' })], a.claims(), 'wanted'],
  ['a volume is never ended, only told', [a.volume()], a.claims(), 'told'],
  ['a volume in use is no orphan', [a.volume({ state: 'in-use' })], a.claims(), 'wanted'],
  [
    "a volume that is left over from an open portal's former instance is told",
    [a.volume()],
    a.claims([portal.record()]),
    'told',
  ],
  [
    'a volume that a specification names is wanted, the portal being closed or not',
    [a.volume({ id: 'vol-1' })],
    a.claims([portal.record(closed)]),
    'wanted',
  ],
  ['a snapshot is never ended, only told', [a.snapshot()], a.claims(), 'told'],
  [
    'a snapshot of a volume that a specification names is wanted',
    [a.snapshot({ origins: ['vol-1'] })],
    a.claims([portal.record(closed)]),
    'wanted',
  ],
];

for (const [sentence, belongings, claims, fate] of rows) {
  test(`orphans: ${sentence}`, () => {
    const found = orphansOf(belongings, claims).find(({ belonging }) => belonging === belongings[0]);
    const becomes =
      found === undefined
        ? 'wanted'
        : found.keptFor !== undefined
          ? 'kept'
          : found.endsByItself
            ? 'ended'
            : 'told';
    assert.equal(becomes, fate, JSON.stringify(found));
    if (fate === 'kept') assert.equal(found?.endsByItself, false);
  });
}

const grace = 600_000;
const orphans = orphansOf([a.instance()], a.claims());
const volumes = orphansOf([a.volume({ id: 'i-1' })], a.claims());
const kept = orphansOf([a.instance()], a.claims([], [a.leftFile('gpu')]));

function looks(...found: (readonly [at: number, orphans: typeof orphans])[]): Sightings {
  let sightings: Sightings = new Map();
  for (const [at, orphans] of found) sightings = sightedAgain(sightings, orphans, at);
  return sightings;
}

const ripeness: [sentence: string, sightings: Sightings, now: number, ripe: boolean][] = [
  ['one look is not enough, however long ago', looks([0, orphans]), 10 * grace, false],
  ['two looks within the grace are not enough', looks([0, orphans], [grace - 1, orphans]), grace - 1, false],
  ['two looks and the grace are enough', looks([0, orphans], [grace, orphans]), grace, true],
  [
    'one that was wanted in between begins anew',
    looks([0, orphans], [grace - 1, []], [grace, orphans], [grace + 1, orphans]),
    grace + 1,
    false,
  ],
  [
    'so does one that was kept in between',
    looks([0, orphans], [grace - 1, kept], [grace, orphans], [grace + 1, orphans]),
    grace + 1,
    false,
  ],
  ['a volume never is', looks([0, volumes], [grace, volumes]), grace, false],
  ['a clock that went back ends nothing', looks([grace, orphans], [0, orphans]), 0, false],
];

for (const [sentence, sightings, now, ripe] of ripeness) {
  test(`the end of an orphan: ${sentence}`, () => {
    assert.equal(isRipe(sightings.get('i-1'), now, grace), ripe);
  });
}
