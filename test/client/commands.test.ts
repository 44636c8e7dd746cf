// close, status and list: words, JSON and exit codes.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture } from './client-fixture.ts';

const volumes = [{ id: 'vol-1', mountPoint: '/data', state: 'mounted' }] as const;

suite('portalctl close', () => {
  test('waits until closed, then says what is gone and what is kept', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open', { volumes }));
    const running = fixture.start('close', './gpu.yaml');
    await running.sees('closing: step');
    fixture.daemon.show(portalView('gpu', 'closed', { volumes }));
    const { exit, stdout } = await running.finished;
    assert.equal(exit, 0);
    assert.match(stdout, /gpu is closed: everything it cost is gone\nkept with their data, .*: vol-1\n$/);
  });

  test('tells of a volume that EC2 does not show any more', async (context) => {
    const fixture = await clientFixture(context);
    const gone = { id: 'vol-2', mountPoint: '/more', state: 'missing' } as const;
    fixture.daemon.show(portalView('gpu', 'open', { volumes }));
    const running = fixture.start('close', 'gpu');
    await running.sees('closing: step');
    fixture.daemon.show(portalView('gpu', 'closed', { volumes: [...volumes, gone] }));
    const { stdout } = await running.finished;
    assert.match(
      stdout,
      /kept with their data, .*: vol-1\nnot shown by EC2 any more \(.*volume list --all\): vol-2\n$/,
    );
  });

  test('a path is sent along, a name is not', async (context) => {
    const fixture = await clientFixture(context);
    const path = realpathSync(join(fixture.folder, 'gpu.yaml'));
    for (const [argument, sent] of [
      ['gpu', undefined],
      ['gpu.yaml', path],
      ['./gpu.yaml', path],
      [path, path],
      ['./gone/gpu.yaml', join(realpathSync(fixture.folder), 'gone/gpu.yaml')],
      ['gone.yaml', undefined],
    ] as const) {
      fixture.daemon.show(portalView('gpu', 'open'));
      fixture.daemon.show(portalView('gone', 'open'));
      await fixture.run('close', argument, '--no-wait');
      assert.equal(fixture.daemon.closedPath, sent, argument);
    }
  });

  test('a closed portal, an unknown one, one that fails, --no-wait', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    const accepted = await fixture.run('close', 'gpu', '--no-wait', '--json');
    assert.deepEqual([accepted.exit, JSON.parse(accepted.stdout).portal.state], [0, 'closing']);
    fixture.daemon.onClose = async (name) => fixture.daemon.service.view(name);
    fixture.daemon.show(portalView('gpu', 'failed'));
    assert.equal((await fixture.run('close', 'gpu')).exit, 1);
    fixture.daemon.show(portalView('gpu', 'closed'));
    const closed = await fixture.run('close', 'gpu');
    assert.equal(closed.exit, 0);
    assert.match(closed.stdout, /gpu is already closed\n$/);
  });

  test('Ctrl-C ends the waiting only', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    const running = fixture.start('close', 'gpu');
    await running.sees('closing: step');
    running.child.kill('SIGINT');
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 130);
    assert.match(
      stderr,
      /portald goes on closing gpu\nhint: see how it goes: portalctl status gpu; once closed/,
    );
  });
});

suite('portalctl status and list', () => {
  test('the daemon and its portals', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    const { exit, stdout, stderr } = await fixture.run('status');
    assert.deepEqual([exit, stderr], [0, '']);
    assert.match(
      stdout,
      /^portald 0\.0\.1, process 4242, up .*\nAWS: account 123456789012, Region eu-west-1, the profile work\n/,
    );
    assert.match(stdout, /NAME +STATE +STEP +FOR +INSTANCE\ngpu +open +step of open +.* +-\n$/);
    const json = await fixture.run('status', '--json');
    assert.deepEqual(JSON.parse(json.stdout), await fixture.daemon.service.status());
    fixture.daemon.aws = { accessKeyId: 'AKIAKEYS', keysFromEnvironment: true };
    const withKeys = await fixture.run('status');
    assert.match(
      withKeys.stdout,
      /\nAWS: account not known yet, no Region set, the key AKIAKEYS of its environment\n/,
    );
  });

  test('everything about one portal', async (context) => {
    const fixture = await clientFixture(context);
    const deadline = new Date(Date.now() + 100_000).toISOString();
    const since = new Date(Date.now() - 3000).toISOString();
    const view = portalView('gpu', 'recovering', {
      ssh: { port: 2222, identityFile: '/home/me/my keys/100%', knownHostsFile: '/state/run/1.known_hosts' },
      volumes,
      instance: {
        id: 'i-1',
        type: 'g5.xlarge',
        zone: 'eu-west-1a',
        state: 'running',
        address: '192.0.2.7',
        launchedAt: since,
      },
      replacement: { id: 'i-2', type: 'g4dn.xlarge', zone: 'eu-west-1a', state: 'pending' },
      interruption: { deadline, seenBy: 'instance metadata', seenAt: since },
      channels: [
        {
          index: 0,
          direction: 'out',
          localPath: '/home/me/src/',
          remotePath: '/data/src',
          state: 'idle',
          lastSynchronisedAt: since,
          synchronisations: 12,
          files: 0,
          bytes: 0,
          isPending: false,
        },
      ],
      problem: { kind: 'capacity', message: 'no capacity', hint: 'wait', retryable: true, since },
    });
    fixture.daemon.show(view);
    const { exit, stdout } = await fixture.run('status', 'gpu');
    assert.equal(exit, 0);
    for (const words of [
      /^gpu: recovering\n/,
      / step +step of recovering, for \d.*\n +the test says so\n/,
      / opened +\d.* ago\n/,
      / instance +i-1, g5\.xlarge in eu-west-1a, running, 192\.0\.2\.7\n +launched 3 s ago, generation 1\n/,
      / log in +ssh -i '\/home\/me\/my keys\/100%%' -o UserKnownHostsFile=\/state\/run\/1\.known_hosts -o StrictHostKeyChecking=yes -p 2222 ubuntu@192\.0\.2\.7\n/,
      / replacement +i-2, g4dn\.xlarge in eu-west-1a, pending\n/,
      / interruption +in 1 min [34]\d s, at \d\d:\d\d:\d\d; seen by instance metadata \d+ s ago\n/,
      / volume +vol-1 at \/data: mounted\n/,
      / channel 0 +\/home\/me\/src\/ → instance:\/data\/src\n +idle, synchronised \d+ s ago, 12 times\n/,
      /problem: no capacity \(capacity, first \d+ s ago\)\nhint: wait\n$/,
    ]) {
      assert.match(stdout, words);
    }
    const json = await fixture.run('status', 'gpu', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { portal: view });
    assert.equal((await fixture.run('status', 'unknown')).exit, 4);
  });

  test('closed ones are counted in status', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    for (const name of ['old', 'older']) fixture.daemon.show(portalView(name, 'closed'));
    const { stdout } = await fixture.run('status');
    assert.match(stdout, /\ngpu .*\nand 2 closed: portalctl list\n$/);
    assert.equal(JSON.parse((await fixture.run('status', '--json')).stdout).portals.length, 3);
  });

  test('a state is not explained by itself', async (context) => {
    const fixture = await clientFixture(context);
    const since = new Date(Date.now() - 3000).toISOString();
    const step = (what: string, reason: string) => ({ step: { what, reason, since } });
    fixture.daemon.show(portalView('gpu', 'open', step('open', 'watching for interruption notices')));
    const channel = { index: 0, direction: 'in', localPath: '/a', remotePath: '/b' } as const;
    const channels = [
      { ...channel, state: 'stopped', synchronisations: 0, files: 0, bytes: 0, isPending: false },
    ] as const;
    const why = 'EC2 shows nothing left of it';
    fixture.daemon.show(portalView('old', 'closed', { ...step('closed', why), channels }));
    const open = await fixture.run('status', 'gpu');
    assert.match(open.stdout, /^gpu: open\n +step +watching for interruption notices, for \d s\n/);
    const closed = await fixture.run('status', 'old');
    assert.match(closed.stdout, /^old: closed\n +closed +\d s ago\n +EC2 shows nothing left of it\n/);
    assert.doesNotMatch(closed.stdout, /channel/);
    const all = await fixture.run('status');
    assert.match(all.stdout, /\ngpu +open +watching for interruption notices +\d s +-\n/);
    const events = fixture.start('events', '--follow');
    await events.sees('now: ');
    fixture.daemon.show(portalView('gpu', 'recovering', step('noting the interruption notice', 'seen')));
    fixture.daemon.show(portalView('gpu', 'open', step('open', 'watching for interruption notices')));
    await events.sees('→ open');
    assert.match(events.printed().stdout, / gpu: recovering → open\n$/);
  });

  test('no line is wider than 100 columns at ordinary values', async (context) => {
    const fixture = await clientFixture(context);
    const at = new Date(Date.now() - 3 * 3600_000 - 59 * 60_000).toISOString();
    const channel = {
      localPath: '/home/somebody/project/workspace/',
      remotePath: '/home/ubuntu/workspace/project/',
    };
    const counted = { lastSynchronisedAt: at, synchronisations: 12345, files: 0, bytes: 0, isPending: false };
    const instance = {
      id: 'i-0123456789abcdef0',
      type: 'p4d.24xlarge',
      zone: 'ap-southeast-2a',
      address: '203.0.113.201',
    };
    fixture.daemon.show(
      portalView('some-portal', 'recovering', {
        step: {
          what: 'detaching vol-0123456789abcdef0',
          reason: 'it moves away from i-0123456789abcdef0',
          since: at,
        },
        openedAt: at,
        instance: { ...instance, state: 'shutting-down', launchedAt: at },
        replacement: { ...instance, state: 'pending', launchedAt: at },
        interruption: { deadline: at, seenBy: 'spot request status', seenAt: at },
        volumes: [{ id: 'vol-0123456789abcdef0', mountPoint: '/home/ubuntu/workspace', state: 'detaching' }],
        channels: [
          { ...channel, ...counted, index: 0, direction: 'out', state: 'synchronising' },
          { ...channel, ...counted, index: 1, direction: 'in', state: 'retrying' },
        ],
      }),
    );
    for (const words of [['status'], ['status', 'some-portal']]) {
      const { stdout } = await fixture.run(...words);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
    }
  });

  test('list', async (context) => {
    const fixture = await clientFixture(context);
    assert.match((await fixture.run('list')).stdout, /^no portals/);
    fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.show(portalView('tiny', 'closed'));
    assert.deepEqual(await fixture.run('list'), {
      exit: 0,
      stdout: 'gpu   open\ntiny  closed\n',
      stderr: '',
    });
    const json = await fixture.run('list', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { portals: fixture.daemon.service.list() });
  });

  test('another account in the own environment is told on stderr', async (context) => {
    const fixture = await clientFixture(context);
    Object.assign(fixture.environment, {
      AWS_PROFILE: 'private',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAOTHER',
    });
    const { exit, stderr } = await fixture.run('list', '--json');
    assert.equal(exit, 0);
    assert.equal(
      stderr,
      'warning: your environment names the profile private, but portald works with the profile work, and that counts\n',
    );
  });
});

test('a name that no portal has: one answer of every command, exit 4', async (context) => {
  const fixture = await clientFixture(context);
  const answers = async (name: string, hint: string): Promise<void> => {
    for (const command of ['status', 'close', 'events']) {
      const stderr = `portalctl: there is no portal named ${name}\nhint: ${hint}\n`;
      assert.deepEqual(await fixture.run(command, name), { exit: 4, stdout: '', stderr }, command);
    }
  };
  await answers('gpu', 'there is none yet; open one: portalctl open NAME');
  fixture.daemon.show(portalView('gpu', 'open'));
  await answers('gpuu', 'did you mean "gpu"?');
  await answers('something', 'portalctl list shows those there are');
});
