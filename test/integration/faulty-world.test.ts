// What an account, a subnet or a volume can lack, by the real programs: told in one sentence, and nothing goes on billing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgramsFixture, type World } from '../fixture/programs-fixture.ts';

const faulty: [what: string, world: World, kind: string, says: RegExp][] = [
  ['a quota of 0', { quota: { spotVCpus: 0 } }, 'quota', /quota|limit/i],
  ['no right to pass the fleet role', { passRole: false }, 'permission', /PassRole|authorized/i],
  [
    'a subnet without public addresses',
    {
      subnets: [
        {
          subnetId: 'subnet-00000000000000001',
          zone: 'eu-central-1a',
          mapPublicIp: false,
          defaultForZone: true,
        },
      ],
    },
    'no-public-address',
    /no public IP address/,
  ],
  [
    'a volume without a file system',
    {
      volumes: [
        { volumeId: 'vol-0123456789abcdef0', zone: 'eu-central-1a', formatted: 'none' },
        { volumeId: 'vol-0fedcba9876543210', zone: 'eu-central-1b', formatted: 'none' },
      ],
    },
    'mount',
    /file system/,
  ],
];

for (const [what, world, kind, says] of faulty) {
  test(`${what} fails the opening, and nothing goes on billing`, async () => {
    const own = await startProgramsFixture('portald-faulty-', world);
    try {
      await own.startPortald();
      own.specify('gpu');
      const told = await own.portalctl(['open', 'gpu', '--json']);
      assert.equal(told.code, 1, told.stdout);
      const { error } = JSON.parse(told.stdout) as {
        error: { kind: string; message: string; hint?: string };
      };
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, says);
      assert.ok(error.hint, 'it tells what to do');
      const bill = await own.control.bill();
      const running = bill.lines.filter((line) => line.kind === 'instance' && line.end === null);
      assert.deepEqual([running, bill.openFleets, bill.coming], [[], [], []]);
    } finally {
      await own.end();
    }
  });
}
