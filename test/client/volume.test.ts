// portalctl volume: what it prints, asks and refuses; what portald is asked for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { PortalError } from '../../protocol/errors.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { storedSnapshot, storedVolume } from '../rpc/scripted-volumes.ts';
import { answering } from './answering.ts';
import { clientFixture, startPortalctl } from './client-fixture.ts';

const createdAt = new Date(Date.now() - 3 * 3_600_000).toISOString();

suite('portalctl volume', () => {
  test('lists volumes with where they are, and snapshots; those of others with --all', async (context) => {
    const fixture = await clientFixture(context);
    assert.match((await fixture.run('volume', 'list')).stdout, /^no volumes that portald created; --all/);
    assert.match(
      (await fixture.run('volume', 'list', '--snapshots', '--all')).stdout,
      /^no snapshots in this account/,
    );
    fixture.daemon.volumes.volumes = [
      storedVolume({
        name: 'da\u001b[2Jta',
        state: 'in-use',
        createdAt,
        snapshotId: 'snap-00000001',
        attachments: [{ instanceId: 'i-1', device: '/dev/sdf', state: 'attached' }],
        portal: 'gpu',
      }),
      storedVolume({ id: 'vol-00000002', isOurs: false }),
    ];
    fixture.daemon.volumes.snapshots = [storedSnapshot({ state: 'pending', percent: 42, createdAt })];
    const own = await fixture.run('volume', 'list');
    assert.equal(own.exit, 0);
    assert.match(own.stdout, /^ID +NAME +SIZE +TYPE +ZONE +STATE +ATTACHED TO +SNAPSHOT +AGE\n/);
    assert.match(
      own.stdout,
      /vol-00000001 +da\\x1b\[2Jta +8 GiB +gp3 +eu-west-1a +in-use +i-1, portal gpu +snap-00000001 +3 h\n$/,
    );
    const all = await fixture.run('volume', 'list', '--all');
    assert.match(all.stdout, /\nvol-00000002 +- +8 GiB +gp3 +eu-west-1a +available +- +- +-\n$/);
    const snapshots = await fixture.run('volume', 'list', '--snapshots');
    assert.match(snapshots.stdout, /snap-00000001 +- +8 GiB +vol-00000001 +pending, 42 % +- +3 h\n/);
    const json = await fixture.run('volume', 'list', '--all', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { volumes: fixture.daemon.volumes.volumes });
  });

  test('asks portald for what was said, and tells what came of it', async (context) => {
    const fixture = await clientFixture(context);
    const create = [
      '--size',
      '20',
      '--zone',
      'eu-west-1a',
      '--name',
      'data',
      '--tag',
      'a=b=c',
      '--type',
      'st1',
    ];
    const created = await fixture.run('volume', 'create', ...create);
    assert.equal(created.exit, 0, created.stderr);
    assert.match(created.stdout, /^created vol-00000001 \(data\): 8 GiB, gp3, in eu-west-1a\nit is blank/);
    await fixture.run('volume', 'restore', 'snap-00000001', '--zone', 'eu-west-1b');
    const updated = await fixture.run('volume', 'update', 'vol-00000001', '--size', '30');
    assert.match(updated.stdout, /^vol-00000001: 8 GiB.*\na file system on it grows when you repeat this/);
    const taken = await fixture.run('volume', 'snapshot', 'vol-00000001', '--no-wait', '--json');
    assert.equal(JSON.parse(taken.stdout).snapshot.id, 'snap-00000001');
    assert.deepEqual(fixture.daemon.volumes.asked, [
      {
        method: 'create',
        request: {
          zone: 'eu-west-1a',
          sizeGiB: 20,
          name: 'data',
          type: 'st1',
          tags: [{ key: 'a', value: 'b=c' }],
        },
      },
      { method: 'create', request: { zone: 'eu-west-1b', snapshotId: 'snap-00000001' } },
      { method: 'update', request: { id: 'vol-00000001', sizeGiB: 30, force: false } },
      { method: 'snapshot', request: { id: 'vol-00000001', wait: false } },
    ]);
  });

  test('tells what of a volume in use was flushed, grew, or did not', async (context) => {
    const fixture = await clientFixture(context);
    const { service } = fixture.daemon.volumes;
    service.snapshot = () => Promise.resolve({ snapshot: storedSnapshot(), flushed: 'gpu' });
    const flushed = await fixture.run('volume', 'snapshot', 'vol-00000001');
    assert.match(
      flushed.stdout,
      /^snapshot snap-00000001 of vol-00000001\nportal gpu .* flushed before.* crash\n$/,
    );
    service.snapshot = () => Promise.resolve({ snapshot: storedSnapshot(), notFlushed: 'no SSH' });
    const not = await fixture.run('volume', 'snapshot', 'vol-00000001');
    assert.match(not.stdout, /warning: .*could not be flushed \(no SSH\)/);
    service.update = () =>
      Promise.resolve({
        volume: storedVolume(),
        isModified: true,
        grown: { portal: 'gpu', fileSystem: 'xfs' },
      });
    const grown = await fixture.run('volume', 'update', 'vol-00000001', '--size', '8', '--force');
    assert.match(grown.stdout, /\nits xfs file system on portal gpu fills it\n$/);
    service.update = () =>
      Promise.resolve({
        volume: storedVolume({ attachments: [{ instanceId: 'i-1', device: '', state: 'attached' }] }),
        isModified: false,
      });
    const elsewhere = await fixture.run('volume', 'update', 'vol-00000001', '--size', '8', '--force');
    service.update = () => Promise.resolve({ volume: storedVolume({ portal: 'gpu' }), isModified: false });
    const moving = await fixture.run('volume', 'update', 'vol-00000001', '--size', '8', '--force');
    assert.match(moving.stdout, /\nportal gpu does not have it mounted just now: repeat this when it has/);
    assert.match(elsewhere.stdout, /\nno portal of this portald has it: grow its file system where/);
  });

  test('deletes what is named with --yes; what is still there is told, exit 1', async (context) => {
    const fixture = await clientFixture(context);
    const unasked = await fixture.run('volume', 'delete', 'vol-00000001');
    assert.equal(unasked.exit, 2);
    assert.match(unasked.stderr, /nobody can be asked here: say --yes/);
    fixture.daemon.volumes.volumes = [storedVolume({ name: 'data' })];
    const done = await fixture.run('volume', 'delete', 'vol-00000001', '--yes');
    assert.deepEqual([done.exit, done.stdout], [0, 'deleted vol-00000001 (data), 8 GiB\n']);
    const error = { kind: 'permission', retryable: false, message: 'no right', hint: 'ask' } as const;
    fixture.daemon.volumes.service.delete = () =>
      Promise.resolve({ volumes: [], snapshots: [], failed: [{ id: 'vol-00000001', error }] });
    const failed = await fixture.run('volume', 'delete', 'vol-00000001', '--yes');
    assert.deepEqual(
      [failed.exit, failed.stderr],
      [1, 'portalctl: vol-00000001 is still there: no right\nhint: ask\n'],
    );
  });

  test('Ctrl-C ends the waiting: what goes on is told, exit 130', async (context) => {
    const fixture = await clientFixture(context);
    const begun = Promise.withResolvers<void>();
    fixture.daemon.volumes.service.snapshot = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new PortalError('cancelled', 'it goes on')));
        begun.resolve();
      });
    const running = fixture.start('volume', 'snapshot', 'vol-00000001');
    await begun.promise;
    running.child.kill('SIGINT');
    const { exit, stderr } = await running.finished;
    assert.deepEqual([exit, stderr], [130, 'portalctl: it goes on\n']);
  });

  test('portald goes away before it answers: AWS may have done it, and where to look', async (context) => {
    const fixture = await clientFixture(context);
    const begun = Promise.withResolvers<void>();
    fixture.daemon.volumes.service.snapshot = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const running = fixture.start('volume', 'snapshot', 'vol-00000001');
    await begun.promise;
    await fixture.server.close();
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 3);
    assert.match(
      stderr,
      /; AWS may have done it all the same\nhint: .*\nhint: before .* portalctl volume list/,
    );
  });
});

suite('portalctl volume on a terminal', () => {
  const options = { skip: spawnSync('script', ['--version']).status !== 0 && 'no script(1) here' };

  test('asks for what is missing, offering the zones', options, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.volumes.volumes = [storedVolume({ zone: 'eu-west-1b', isOurs: false })];
    const shown = await answering(fixture, 'volume create', [
      ['size in GiB: ', 'many'],
      ['size in GiB: ', '12'],
      ['zone [1]: ', ''],
    ]);
    assert.match(shown, /"many" is no size/);
    assert.match(shown, / 1 {2}eu-west-1b {2}one volume\r\n +2 {2}eu-west-1a {2}no volume of yours/);
    const left = await answering(fixture, 'volume restore snap-00000001', [['zone [1]: ', '\u0003']]);
    assert.match(left, /zone \[1\]: .*\r\n.*nothing was created/);
    assert.deepEqual(fixture.daemon.volumes.asked, [
      { method: 'create', request: { sizeGiB: 12, zone: 'eu-west-1b' } },
    ]);
  });

  test('before anything is deleted it is shown and asked', options, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.volumes.volumes = [storedVolume()];
    fixture.daemon.volumes.snapshots = [storedSnapshot()];
    const line = 'volume delete vol-00000001 snap-00000001';
    const question = 'Delete all 2, with all data? [y/N] ';
    const no = await answering(fixture, line, [[question, '']]);
    assert.match(no, /vol-00000001 +- +8 GiB[^]*snap-00000001 +- +8 GiB[^]*nothing was deleted/);
    assert.deepEqual(fixture.daemon.volumes.asked, []);
    const yes = await answering(fixture, line, [[question, 'y']]);
    assert.match(yes, /deleted vol-00000001, 8 GiB\r\ndeleted snap-00000001, 8 GiB/);
  });
});

suite('wrong use of portalctl volume', () => {
  const [vol, zone] = ['vol-00000001', ['--zone', 'a', '--size', '1']];
  const cases: readonly (readonly [argv: readonly string[], words: RegExp])[] = [
    [[], /what to do \(list\|create\|.*\) is missing/],
    [['snapshots'], /"snapshots" is nothing to do with volumes; did you mean snapshot\?/],
    [['list', 'x'], /unexpected argument "x"\nhint: usage: portalctl volume list/],
    [['list', '--size', '3'], /--size does not go with volume list/],
    [['delete', vol, '--all'], /--all does not go with volume delete/],
    [['create'], /--size and --zone are missing, and nobody can be asked here/],
    [['create', '--size', '3'], /--zone is missing/],
    [['create', '--zone', 'a'], /--size is missing/],
    [['create', '--zone', 'a', '--size', '1.5'], /"1\.5" is no size: a whole number of GiB/],
    [['create', '--zone', 'a', '--size', '65537'], /"65537" is no size/],
    [['create', ...zone, '--type', 'io2', '--iops', 'many'], /"many" is no number of operations a second/],
    [['create', '--zone=', '--size', '1'], /--zone is empty/],
    [['create', ...zone, '--tag', 'x'], /"x" is no tag\nhint: give it as KEY=VALUE/],
    [['create', ...zone, '--tag', 'AWS:x=1'], /the tag AWS:x is not yours to give/],
    [['create', ...zone, '--tag', 'portald:created-by=me'], /not yours to give/],
    [['create', ...zone, '--tag', 'a=1', '--tag', 'a=2'], /the tag a is given twice/],
    [['create', ...zone, '--name', 'n', '--tag', 'Name=m'], /the tag Name is given twice/],
    [['create', ...zone, '--snapshot', vol], /"vol-00000001" is not the id of a snapshot/],
    [['restore'], /the id of a snapshot is missing/],
    [['update', vol], /what to change is missing/],
    [['update', 'gpu', '--size', '3'], /"gpu" is not the id of a volume/],
    [['snapshot', '$(reboot)'], /"\$\(reboot\)" is not the id of a volume/],
    [['delete', '--yes'], /what to delete is missing/],
    [['delete', 'i-1', '--yes'], /"i-1" is not the id of a volume \(vol-…\) or a snapshot/],
  ];
  test('is told in a sentence, exit 2, without a daemon', async (context) => {
    const folder = temporaryFolder(context);
    for (const [argv, words] of cases) {
      const run = startPortalctl(context, ['volume', ...argv], { HOME: folder }, folder);
      const { exit, stdout, stderr } = await run.finished;
      assert.deepEqual([exit, stdout], [2, ''], argv.join(' '));
      assert.match(stderr, words);
    }
  });
});
