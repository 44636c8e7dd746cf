// What may be done to a volume or snapshot, with force and without, in a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseDeletion, refuseUpdate } from '../../daemon/ec2/volume-guard.ts';
import type { StoredVolumeView } from '../../protocol/stored-view.ts';
import { storedSnapshot, storedVolume } from '../rpc/scripted-volumes.ts';

const attachments = [{ instanceId: 'i-1', device: '/dev/sdf', state: 'attached' }];

type Verdict = 'done' | RegExp;
const rows: readonly (readonly [
  what: string,
  volume: Partial<StoredVolumeView>,
  verdicts: Record<'deleted' | 'deletedByForce' | 'updated' | 'updatedByForce', Verdict>,
])[] = [
  ['ours and free', {}, { deleted: 'done', deletedByForce: 'done', updated: 'done', updatedByForce: 'done' }],
  [
    'of somebody else',
    { isOurs: false },
    {
      deleted: /not created by this portald; it was not deleted/,
      deletedByForce: 'done',
      updated: /not created by this portald; it was not changed/,
      updatedByForce: 'done',
    },
  ],
  [
    'attached to an instance',
    { attachments },
    {
      deleted: /attached to i-1; nothing was deleted/,
      deletedByForce: /attached to i-1; nothing was deleted/,
      updated: /in use by i-1; it was not changed/,
      updatedByForce: 'done',
    },
  ],
  [
    'attached for an open portal',
    { attachments, portal: 'gpu' },
    {
      deleted: /attached to i-1 of portal gpu/,
      deletedByForce: /attached to i-1 of portal gpu/,
      updated: /in use by portal gpu/,
      updatedByForce: 'done',
    },
  ],
  [
    'between two instances of an open portal',
    { portal: 'gpu' },
    {
      deleted: /belongs to portal gpu, which is not closed/,
      deletedByForce: 'done',
      updated: /in use by portal gpu/,
      updatedByForce: 'done',
    },
  ],
];

function check(verdict: Verdict, act: () => void): void {
  if (verdict === 'done') act();
  else assert.throws(act, { kind: 'volume', message: verdict, hint: /./ });
}

for (const [what, change, verdicts] of rows) {
  test(`a volume ${what}`, () => {
    const volume = storedVolume(change);
    check(verdicts.deleted, () => refuseDeletion(volume, false));
    check(verdicts.deletedByForce, () => refuseDeletion(volume, true));
    check(verdicts.updated, () => refuseUpdate(volume, false));
    check(verdicts.updatedByForce, () => refuseUpdate(volume, true));
  });
}

test('a snapshot of somebody else needs force', () => {
  refuseDeletion(storedSnapshot(), false);
  check(/not created by this portald/, () => refuseDeletion(storedSnapshot({ isOurs: false }), false));
  refuseDeletion(storedSnapshot({ isOurs: false }), true);
});
