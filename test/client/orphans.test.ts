// portalctl orphans: the list in words and JSON, and what is removed only when it is named and agreed to.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import { clientFixture } from './client-fixture.ts';

function orphans(nowMs: number): OrphanView[] {
  const createdAt = new Date(nowMs - 3 * 3_600_000).toISOString();
  const endsAt = new Date(nowMs + 8.5 * 60_000).toISOString();
  return [
    {
      id: 'i-1',
      kind: 'instance',
      portal: 'gpu',
      state: 'running',
      description: 'g5.xlarge in eu-west-1a',
      createdAt,
      cost: { dollars: 0.4213, per: 'hour', about: false },
      endsByItself: true,
      endsAt,
    },
    {
      id: 'sfr-1',
      kind: 'fleet',
      portal: 'gpu',
      state: 'active',
      description: 'spot fleet request',
      endsByItself: false,
      keptFor: '/state/portals/gpu.json.set-aside-1',
    },
    {
      id: 'vol-1',
      kind: 'volume',
      portal: 'tidy\u001b[2J',
      state: 'available',
      description: 'gp3, 100 GiB, in eu-west-1a',
      createdAt,
      cost: { dollars: 8, per: 'month', about: true },
      endsByItself: false,
    },
  ];
}

suite('portalctl orphans', () => {
  test('lists what there is, whose it was, what it costs and what becomes of it', async (context) => {
    const fixture = await clientFixture(context);
    assert.match((await fixture.run('orphans')).stdout, /^no orphans/);
    fixture.daemon.orphans = orphans(Date.now());
    const { exit, stdout } = await fixture.run('orphans');
    assert.equal(exit, 0);
    for (const words of [
      /^ID +WHAT +STATE +PORTAL +AGE +COST +ENDS\n/,
      /i-1 +g5\.xlarge in eu-west-1a +running +gpu +3 h +\$0\.4213 an hour +by itself, in 8 min \d+ s\n/,
      /sfr-1 +spot fleet request +active +gpu +- +that of its instances +kept for \/state\/portals\/gpu/,
      /vol-1 +gp3, 100 GiB, in eu-west-1a +available +tidy\\x1b\[2J +3 h +about \$8\.00 a month +only by orphans remove\n/,
    ]) {
      assert.match(stdout, words);
    }
    const json = await fixture.run('orphans', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { orphans: fixture.daemon.orphans });
  });

  test('removes what is named, with --yes where nobody can be asked', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.orphans = orphans(Date.now());
    const unasked = await fixture.run('orphans', 'remove', 'vol-1');
    assert.equal(unasked.exit, 2);
    assert.match(unasked.stderr, /nobody can be asked here: say --yes/);
    const unknown = await fixture.run('orphans', 'remove', 'vol-1', 'vol-2', '--yes', '--json');
    assert.deepEqual([unknown.exit, JSON.parse(unknown.stdout).error.kind], [1, 'not-found']);
    assert.equal(fixture.daemon.orphans.length, 3);
    const done = await fixture.run('orphans', 'remove', 'vol-1', '--yes');
    assert.deepEqual(
      [done.exit, done.stdout],
      [0, 'removed vol-1 (gp3, 100 GiB, in eu-west-1a) of portal tidy\\x1b[2J\n'],
    );
    const json = await fixture.run('orphans', 'remove', 'i-1', '--yes', '--json');
    assert.deepEqual(
      [json.exit, JSON.parse(json.stdout).removed[0].id, JSON.parse(json.stdout).failed],
      [0, 'i-1', []],
    );
  });

  test('what could not be removed is told by its id: exit 1', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.service.removeOrphans = () =>
      Promise.resolve({
        removed: [],
        failed: [
          {
            id: 'vol-1',
            error: { kind: 'permission', retryable: false, message: 'deleting vol-1: no right' },
          },
        ],
      });
    const { exit, stderr } = await fixture.run('orphans', 'remove', 'vol-1', '--yes');
    assert.deepEqual([exit, stderr], [1, 'portalctl: vol-1 is still there: deleting vol-1: no right\n']);
  });
});
