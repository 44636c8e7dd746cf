// channel: words, JSON and exit codes.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture } from './client-fixture.ts';

suite('portalctl channel', () => {
  const channel = {
    index: 0,
    direction: 'out',
    localPath: '/home/me/code/',
    remotePath: '/data/code/',
    state: 'idle',
    synchronisations: 3,
    files: 41,
    bytes: 1_300_000,
    last: { files: 1, bytes: 4096, tookMs: 40 },
    arrival: { saves: 2, medianMs: 31, p95Ms: 44 },
    isPending: true,
    queue: { paths: 2, isEverything: true },
    error: 'disk full\x1b[2J',
  } as const;
  const channels = [channel, { ...channel, index: 1, direction: 'in' as const }];

  test('shows every channel in full, or one', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open', { channels }));
    const { exit, stdout, stderr } = await fixture.run('channel', 'gpu', '0');
    assert.deepEqual([exit, stderr], [0, '']);
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'channel 0: idle; something has not arrived yet; queued: 2 changed paths, a look at everything',
      '  way           /home/me/code/ → instance:/data/code/',
      '  synchronised  not yet',
      '  moved         41 files, 1.3 MB',
      '  last moved    one file, 4.1 kB in 40 ms, 102 kB/s',
      '  arrival       median 31 ms, p95 44 ms from save to confirmation (2 saves)',
      '  problem       disk full\\x1b[2J',
    ]);
    const all = JSON.parse((await fixture.run('channel', 'gpu', '--json')).stdout);
    assert.deepEqual(all.channels, channels);
  });

  test('what a channel deletes and leaves alone is shown', async (context) => {
    const fixture = await clientFixture(context);
    const deleting = { ...channel, deletes: true, exclude: ['*.tmp', '/cache/'], deleted: 3 } as const;
    const last = { files: 0, bytes: 0, deleted: 1, tookMs: 7 };
    fixture.daemon.show(portalView('gpu', 'open', { channels: [{ ...deleting, last }] }));
    const { stdout } = await fixture.run('channel', 'gpu');
    assert.match(stdout, /^ {2}delete {8}what is gone from the source is deleted, too$/m);
    assert.match(stdout, /^ {2}exclude {7}\*\.tmp {2}\/cache\/$/m);
    assert.match(stdout, /^ {2}moved {9}41 files, 1\.3 MB; 3 deleted$/m);
    assert.match(stdout, /^ {2}last moved {4}0 files, 0 B; 1 deleted in 7 ms$/m);
  });

  test('sync, pause and resume', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open', { channels }));
    assert.match(
      (await fixture.run('channel', 'gpu', 'sync')).stdout,
      /^everything that was saved has arrived\n$/,
    );
    assert.match((await fixture.run('channel', 'gpu', '1', 'pause')).stdout, /^channel 1: paused/);
    assert.match((await fixture.run('channel', 'gpu', 'pause', '1')).stdout, /^channel 1: paused/);
    const twice = await fixture.run('channel', 'gpu', '1', 'pause', '0');
    assert.deepEqual([twice.exit, /unexpected argument "0"/.test(twice.stderr)], [2, true]);
    assert.match((await fixture.run('channel', 'gpu')).stdout, /^channel 0: idle.*channel 1: paused/s);
    assert.match((await fixture.run('channel', 'gpu', 'sync')).stderr, /still waiting: channel 0: disk full/);
    const partly = await fixture.run('channel', 'gpu', 'sync');
    assert.equal(partly.stdout, 'what was saved has arrived, except by channel 1, which is paused\n');
    await fixture.run('channel', 'gpu', 'pause');
    const paused = await fixture.run('channel', 'gpu', 'sync');
    assert.equal(paused.stdout, 'nothing was waited for: channels 0, 1, which are paused\n');
    assert.match((await fixture.run('channel', 'gpu', 'resume')).stdout, /channel 1: idle/);
  });

  test('wrong use', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open', { channels }));
    for (const words of [['7'], ['stop'], ['0', '1'], ['sync', 'x'], ['sync', '0', '1'], ['-1']]) {
      assert.equal((await fixture.run('channel', 'gpu', ...words)).exit, 2, words.join(' '));
    }
    assert.equal((await fixture.run('channel', 'other')).exit, 4);
  });
});
