// A notice in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeWords } from '../../daemon/portal/notice-words.ts';
import type { Notice } from '../../daemon/portal/record.ts';
import * as a from './world.ts';

const rows: [seenBy: Notice['seenBy'], forMs: number, reason: string | undefined, words: string][] = [
  ['instance metadata', 110_000, undefined, 'i-1 is taken back by AWS in 110 s (instance metadata)'],
  [
    'instance metadata',
    120_000,
    'it names 9999-01-01T00:00:00.000Z as its end',
    'i-1 is taken back by AWS: it names 9999-01-01T00:00:00.000Z as its end, which no notice can; two minutes are assumed (instance metadata)',
  ],
  [
    'spot request status',
    120_000,
    undefined,
    'i-1 is taken back by AWS, at the latest in 120 s: no time is told, two minutes are assumed (spot request status)',
  ],
  ['instance state', 0, undefined, 'i-1 is ending (instance state)'],
  [
    'instance state',
    0,
    'Client.UserInitiatedShutdown',
    'i-1 was ended by somebody in the account (instance state: Client.UserInitiatedShutdown)',
  ],
  [
    'instance state',
    0,
    'Client.InstanceInitiatedShutdown',
    'i-1 shut itself down (instance state: Client.InstanceInitiatedShutdown)',
  ],
  [
    'instance state',
    0,
    'Server.SpotInstanceTermination',
    'i-1 is taken back by AWS (instance state: Server.SpotInstanceTermination)',
  ],
  ['instance state', 0, 'Server.InternalError', 'i-1 is ending (instance state: Server.InternalError)'],
];
for (const [seenBy, forMs, reason, words] of rows) {
  test(words, () => {
    const notice = {
      deadline: a.now + forMs,
      seenBy,
      seenAt: a.now,
      ...(reason !== undefined && { reason }),
    };
    assert.equal(noticeWords('i-1', notice, a.now), words);
  });
}
