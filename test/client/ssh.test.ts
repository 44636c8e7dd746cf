// info and ssh: what scripts are told, when ssh is run, and with what. The real ssh is in test/integration/ssh.test.ts.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { PortalState, PortalView } from '../../protocol/portal-view.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { type ClientFixture, clientFixture, portalctlProgram } from './client-fixture.ts';

const instance = {
  id: 'i-1',
  type: 'g5.xlarge',
  zone: 'eu-west-1a',
  state: 'running',
  address: '192.0.2.7',
} as const;
const ssh = {
  port: 2222,
  identityFile: '/home/me/my 100% "key"',
  knownHostsFile: '/state/run/1.known_hosts',
};

const reachable = (state: PortalState, more: Partial<PortalView> = {}): PortalView =>
  portalView('gpu', state, { instance, ssh, ...more });

/** Puts a program on the PATH of every run in the place of ssh. */
function putSsh({ folder, environment }: ClientFixture, script: string): void {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'ssh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  environment['PATH'] = `${join(folder, 'bin')}:/usr/bin:/bin`;
}

test('what is no address becomes no argument and no line', async (context) => {
  const fixture = await clientFixture(context);
  putSsh(fixture, 'touch "$HOME/ran"');
  for (const address of ['-oProxyCommand=touch x', 'host', '192.0.2.7\nProxyCommand x']) {
    fixture.daemon.show({ ...reachable('open'), instance: { ...instance, address } });
    for (const words of [
      ['ssh', 'gpu'],
      ['info', 'gpu', '--ssh-config'],
    ]) {
      const { exit, stdout } = await fixture.run(...words);
      assert.notEqual(exit, 0, words.join(' '));
      assert.doesNotMatch(stdout, /ProxyCommand|host/i);
    }
  }
  assert.ok(!existsSync(join(fixture.environment['HOME'] ?? '', 'ran')));
});

suite('portalctl info', () => {
  test('every field alone, all together, as JSON', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(reachable('open'));
    const expected = {
      name: 'gpu',
      status: 'open',
      id: 'i-1',
      type: 'g5.xlarge',
      user: 'ubuntu',
      host: '192.0.2.7',
      ip: '192.0.2.7',
      remote: 'ubuntu@192.0.2.7',
      port: 2222,
      key: ssh.identityFile,
      known_hosts: ssh.knownHostsFile,
    };
    assert.deepEqual(JSON.parse((await fixture.run('info', 'gpu', '--json')).stdout), { info: expected });
    const all = await fixture.run('info', 'gpu');
    assert.match(all.stdout, /^name +gpu\nstatus +open\n(.*\n)*known_hosts +\/state\/run\/1\.known_hosts\n$/);
    for (const [field, value] of [
      ['remote', expected.remote],
      ['key', expected.key],
      ['port', '2222'],
    ])
      assert.equal((await fixture.run('info', 'gpu', '-f', field ?? '')).stdout, `${value}\n`);
    const one = await fixture.run('info', 'gpu', '--field=ip', '--json');
    assert.deepEqual(JSON.parse(one.stdout), { info: { ip: '192.0.2.7' } });
  });

  test('the volumes: their ids alone, all together with names and sizes, as JSON', async (context) => {
    const fixture = await clientFixture(context);
    const volumes: PortalView['volumes'] = [
      { id: 'vol-1', mountPoint: '/data', state: 'mounted', name: 'big \u001b[2J', sizeGiB: 100 },
      { id: 'vol-2', mountPoint: '/other', state: 'unknown' },
    ];
    fixture.daemon.show({ ...reachable('open'), volumes });
    assert.equal((await fixture.run('info', 'gpu', '-f', 'volumes')).stdout, 'vol-1 vol-2\n');
    assert.match(
      (await fixture.run('info', 'gpu')).stdout,
      /volume +vol-1 \(big \\x1b\[2J, 100 GiB, mounted\) on \/data\nvolume +vol-2 \(unknown\) on \/other\n$/,
    );
    const { info } = JSON.parse((await fixture.run('info', 'gpu', '--json')).stdout);
    assert.deepEqual(info.volumes, volumes);
  });

  test('what has no value now: exit 1 and what to do; no such portal: 4', async (context) => {
    const fixture = await clientFixture(context);
    for (const [state, words] of [
      ['closed', /^portalctl: gpu is closed: there is no instance\nhint: open it: portalctl open gpu\n$/],
      ['closing', /^portalctl: gpu is being closed\n/],
      [
        'opening',
        /^portalctl: gpu is still opening, and has no ip yet\nhint: wait for it: portalctl open gpu\n$/,
      ],
      [
        'recovering',
        /^portalctl: gpu is moving to another instance, and has no ip now\nhint: .* --follow\n$/,
      ],
    ] as const) {
      fixture.daemon.show(portalView('gpu', state));
      const { exit, stdout, stderr } = await fixture.run('info', 'gpu', '-f', 'ip');
      assert.deepEqual([exit, stdout], [1, '']);
      assert.match(stderr, words);
    }
    assert.equal((await fixture.run('info', 'gpu', '-f', 'key')).stdout, '/home/me/.ssh/laptop.pem\n');
    assert.equal((await fixture.run('info', 'gpu', '--ssh-config')).exit, 1);
    assert.equal((await fixture.run('info', 'gpu')).exit, 0);
    assert.equal((await fixture.run('info', 'gpuu')).exit, 4);
  });

  test('--ssh-config is a block that ssh understands', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(reachable('open'));
    const { stdout } = await fixture.run('info', 'gpu', '--ssh-config');
    assert.deepEqual(stdout.split('\n'), [
      'Host gpu',
      '  HostName 192.0.2.7',
      '  Port 2222',
      '  User ubuntu',
      '  IdentityFile "/home/me/my 100%% \\"key\\""',
      '  IdentitiesOnly yes',
      '  UserKnownHostsFile /state/run/1.known_hosts',
      '  StrictHostKeyChecking yes',
      '',
    ]);
    assert.deepEqual(JSON.parse((await fixture.run('info', 'gpu', '--ssh-config', '--json')).stdout), {
      ssh_config: stdout,
    });
  });

  test('without a verified host key nothing is given that would take any key', async (context) => {
    const fixture = await clientFixture(context);
    const { knownHostsFile: _none, ...unverified } = ssh;
    fixture.daemon.show(reachable('open', { ssh: unverified }));
    const { exit, stdout, stderr } = await fixture.run('info', 'gpu', '--ssh-config');
    assert.deepEqual([exit, stdout], [1, '']);
    assert.match(stderr, /gpu has no verified host key now/);
    const status = await fixture.run('status', 'gpu');
    assert.match(status.stdout, / log in +once its host key is verified\n/);
    assert.doesNotMatch(status.stdout, /ssh -i/);
  });
});

suite('portalctl ssh', () => {
  test('ssh gets the pins, the command and the exit code; signals too', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(reachable('open'));
    putSsh(
      fixture,
      `printf '<%s>' "$@"; trap 'kill $!; exit 9' TERM; echo; echo told >&2; case "$*" in *json) exit 7 ;; esac; sleep 30 & wait`,
    );
    const { exit, stdout, stderr } = await fixture.run(
      'ssh',
      'gpu',
      '--',
      'echo',
      '-n',
      'two words',
      '--json',
    );
    assert.deepEqual([exit, stderr], [7, 'told\n'], stdout);
    assert.match(stdout, /<StrictHostKeyChecking=yes>.*<GlobalKnownHostsFile=none>/);
    assert.match(stdout, /<--><192\.0\.2\.7><echo><-n><two words><--json>\n$/);
    const running = fixture.start('ssh', 'gpu');
    await running.sees('told');
    running.child.kill('SIGTERM');
    assert.equal((await running.finished).exit, 9);
  });

  test('not open, or without a verified host key: what to do, and ssh is not run', async (context) => {
    const fixture = await clientFixture(context);
    putSsh(fixture, 'echo ssh was run');
    for (const [view, words] of [
      [reachable('closed'), /gpu is closed: there is no instance/],
      [reachable('closing'), /gpu is being closed/],
      [reachable('failed'), /gpu is failed: there is no instance/],
      [portalView('gpu', 'opening'), /still opening, and has no verified host key yet/],
      [
        portalView('gpu', 'open', { instance }),
        /gpu has no verified host key now: portald is not connected to its instance\nhint: .*portalctl why gpu/,
      ],
    ] as const) {
      fixture.daemon.show(view);
      const { exit, stdout, stderr } = await fixture.run('ssh', 'gpu');
      assert.deepEqual([exit, stdout], [1, '']);
      assert.match(stderr, words);
    }
    assert.equal((await fixture.run('ssh', 'other')).exit, 4);
  });

  test('while it opens or moves it says so, and goes where it is now', async (context) => {
    const fixture = await clientFixture(context);
    putSsh(fixture, 'echo ssh was run');
    fixture.daemon.show(reachable('opening'));
    const opening = await fixture.run('ssh', 'gpu');
    assert.deepEqual([opening.exit, opening.stdout], [0, 'ssh was run\n']);
    assert.match(opening.stderr, /^warning: gpu is still opening: step of opening\n$/);
    const deadline = new Date(Date.now() + 100_000).toISOString();
    fixture.daemon.show(
      reachable('recovering', { interruption: { deadline, seenBy: 'instance metadata', seenAt: deadline } }),
    );
    assert.match(
      (await fixture.run('ssh', 'gpu')).stderr,
      /^warning: gpu is moving to another instance; AWS takes this one back in 1 min \d+ s\n$/,
    );
  });

  test('-t: tmux, in the session that is named; told if it is not there', {
    skip: spawnSync('script', ['--version']).status !== 0 && 'no script(1) here',
  }, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(reachable('open'));
    // Its last word is the command, for a shell on the instance.
    putSsh(fixture, `for last do :; done; PATH="$TMUX_PLACE"; eval "$last"`);
    const onTerminal = async (words: string, place: string): Promise<string> => {
      const child = spawn(
        'script',
        ['-qec', `'${process.execPath}' '${portalctlProgram}' ssh gpu ${words}; echo "rc=$?"`, '/dev/null'],
        { env: { ...fixture.environment, TMUX_PLACE: place }, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let text = '';
      child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
      await once(child, 'close');
      return text.replaceAll('\r', '');
    };
    const place = join(fixture.folder, 'there');
    mkdirSync(place);
    symlinkSync('/bin/sh', join(place, 'sh'));
    assert.equal(
      await onTerminal('-t', place),
      'portalctl: the instance of gpu has no tmux\nhint: install it there, with its package manager: ' +
        'sudo apt-get install tmux, or sudo dnf install tmux\nrc=127\n',
    );
    writeFileSync(
      join(place, 'tmux'),
      `#!/bin/sh\n[ "$1" != has-session ] || { [ -e "\${0%/*}/$3" ]; exit; }\nprintf '<%s>' "$@"\n`,
      {
        mode: 0o755,
      },
    );
    assert.equal(await onTerminal('-t', place), '<new-session><-A><-s><portald>rc=0\n');
    assert.equal(
      await onTerminal(`-t work -- "echo 'it''s'" two`, place),
      `<new-session><-A><-s><work><echo 'it''s' two>rc=0\n`,
    );
    // One of the name that Portal Gun gave is taken up, unless ours is there, or something is to be run.
    writeFileSync(join(place, '=portal'), '');
    assert.equal(await onTerminal('-t', place), '<attach-session><-t><=portal>rc=0\n');
    assert.equal(await onTerminal('-t -- date', place), '<new-session><-A><-s><portald><date>rc=0\n');
    writeFileSync(join(place, '=portald'), '');
    assert.equal(await onTerminal('-t', place), '<new-session><-A><-s><portald>rc=0\n');
  });

  test('no ssh on this machine', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(reachable('open'));
    fixture.environment['PATH'] = fixture.folder;
    const { exit, stderr } = await fixture.run('ssh', 'gpu');
    assert.equal(exit, 1);
    assert.match(stderr, /^portalctl: there is no ssh on this machine\nhint: install OpenSSH/);
  });
});
