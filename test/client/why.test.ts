// why: words, JSON and exit codes.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture } from './client-fixture.ts';

suite('portalctl why', () => {
  const at = (ageMs: number): string => new Date(Date.now() - ageMs).toISOString();

  test('the state and since when, how it came to it, what is done, and what to do', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(
      portalView('gpu', 'recovering', {
        step: { what: 'waiting for capacity', reason: 'asked again in 2 min', since: at(5000) },
        problem: {
          kind: 'capacity',
          message: 'no capacity',
          since: at(5000),
          retryable: true,
          hint: 'name alternatives in spot_instance.instance_types',
        },
      }),
    );
    fixture.daemon.history = [
      ...Array.from({ length: 12 }, (_, index) => ({
        at: at(900_000),
        level: 'info' as const,
        text: `long ago ${index}`,
      })),
      { at: at(65_000), level: 'warning', text: 'i-1 is taken back by AWS in 119 s\x1b[2J' },
      { at: at(64_000), level: 'info', text: 'open → recovering', state: 'recovering' },
    ];
    const { exit, stdout, stderr } = await fixture.run('why', 'gpu');
    assert.deepEqual([exit, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^gpu is recovering, for 1 min [45] s$/);
    assert.equal(lines.filter((line) => line.includes('long ago')).length, 8, 'only the latest are told');
    assert.match(stdout, /\d\d:\d\d:\d\d {2}i-1 is taken back by AWS in 119 s\\x1b\[2J\n/);
    assert.deepEqual(lines.slice(-4), [
      'now      waiting for capacity: asked again in 2 min',
      'problem  no capacity (capacity)',
      'you can  name alternatives in spot_instance.instance_types',
      '         wait (portalctl events gpu --follow tells what happens), or portalctl close gpu',
    ]);
    const told = JSON.parse((await fixture.run('why', 'gpu', '--json')).stdout);
    assert.equal(told.history.length, 14);
    assert.equal(told.portal.state, 'recovering');
  });

  test('an unknown portal, no name', async (context) => {
    const fixture = await clientFixture(context);
    assert.equal((await fixture.run('why', 'gpu')).exit, 4);
    assert.equal((await fixture.run('why')).exit, 2);
  });
});
