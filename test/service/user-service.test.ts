// portalctl daemon on a real systemd of a user, and on that of a machine: installed, used, changed, and taken away.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Machine, noMachine, programOnMachine, startMachine } from './machine.ts';
import { places, startUserManager } from './user-manager.ts';

const unit = `${places.home}/.config/systemd/user/portald.service`;
const dropIn = `${unit}.d/environment.conf`;
const profile = String.raw`AWS_PROFILE=my "own" $HOME %h \profile`;

function daemonOf(status: { stdout: string; stderr: string }): {
  pid: number;
  managedBy: string;
  stateFolder?: string;
} {
  const { daemon } = JSON.parse(status.stdout || status.stderr);
  return daemon;
}

function environmentOf(machine: Machine, pid: number): string[] {
  return machine.run('cat', `/proc/${pid}/environ`).stdout.split('\0');
}

suite('portalctl daemon on systemd', { skip: noMachine() }, () => {
  test('a service of the user', async () => {
    await using machine = await startMachine();
    const { portalctl } = await startUserManager(machine);
    // There is no logind on this machine.
    const loginctl = `case "$*" in
      "show-user root --property Linger --value") [ ! -e /run/lingers ] || echo yes ;;
      "enable-linger root") touch /run/lingers ;;
      *) echo "Unknown command verb $1." >&2; exit 1 ;;
    esac`;
    machine.run('mkdir', '/run/fake');
    machine.run(
      'sh',
      '-c',
      `echo '#!/bin/sh' > "$0"; echo "$1" >> "$0"; chmod +x "$0"`,
      '/run/fake/loginctl',
      loginctl,
    );
    const path = 'PATH=/run/fake:/usr/bin:/bin';

    const secret = ['AWS_ACCESS_KEY_ID=AKIA', 'AWS_SECRET_ACCESS_KEY=secret'];
    const refused = portalctl(['daemon', 'install'], secret);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /has AWS_SECRET_ACCESS_KEY: secrets are not written/);
    assert.equal(machine.run('test', '-e', unit).code, 1);

    const environment = [path, profile, 'AWS_REGION=eu-west-1', ...secret, 'SSH_AUTH_SOCK=/tmp/agent'];
    const installed = portalctl(['daemon', 'install'], environment);
    assert.equal(installed.code, 0, installed.stderr + machine.log());
    assert.match(
      installed.stdout,
      /^wrote .*portald\.service\nwrote .*, with AWS_PROFILE, AWS_REGION, PATH\n/,
    );
    assert.match(installed.stdout, /\nnot taken: SSH_AUTH_SOCK [^]*\nnot taken: AWS_SECRET_ACCESS_KEY, /);
    assert.match(installed.stdout, /\nit ends when you log out, unless you linger: /);
    assert.equal(machine.run('stat', '-c', '%a', dropIn).stdout, '600\n');
    assert.doesNotMatch(machine.run('cat', dropIn).stdout, /secret$/m);

    const again = portalctl(['daemon', 'install', '--linger', '--json'], [path]);
    const first = daemonOf(again);
    assert.deepEqual(JSON.parse(again.stdout).done, [
      'enabled lingering: your services run also while you are not logged in',
    ]);
    assert.equal(first.managedBy, 'systemd');
    for (const entry of [profile, 'AWS_REGION=eu-west-1', path])
      assert.ok(environmentOf(machine, first.pid).includes(entry), entry);

    const changed = portalctl(['daemon', 'install'], [path, 'AWS_PROFILE=']);
    assert.match(changed.stdout, /\nrestarted portald\.service; portals stayed open\n/);
    assert.match(changed.stdout, /\nkept from the last installation: AWS_REGION; to drop it: AWS_REGION= /);
    const second = daemonOf(portalctl(['daemon', 'start', '--json']));
    assert.notEqual(second.pid, first.pid);
    assert.ok(!environmentOf(machine, second.pid).some((entry) => entry.startsWith('AWS_PROFILE=')));

    // Its folders are those of its installation, and not this shell's.
    portalctl(['daemon', 'install'], [path, 'XDG_STATE_HOME=/run/elsewhere']);
    const moved = portalctl(['daemon', 'restart', '--json']);
    assert.equal(moved.code, 0, moved.stderr);
    assert.match(daemonOf(moved).stateFolder ?? '', /^\/run\/elsewhere\//);
    portalctl(['daemon', 'install'], [path, 'XDG_STATE_HOME=']);
    const third = JSON.parse(portalctl(['daemon', 'status', '--json']).stdout) as { pid: number };

    const configuration = `${places.home}/.config/portald/config.yaml`;
    machine.run('sh', '-c', 'mkdir -p "${0%/*}"; echo "log_level: loud" > "$0"', configuration);
    const kept = portalctl(['daemon', 'restart']);
    assert.equal(kept.code, 1);
    assert.match(
      kept.stderr,
      /would not start again, and is not ended: .* has a mistake\nhint: .*:1:12: log_level/,
    );
    assert.equal(JSON.parse(portalctl(['daemon', 'status', '--json']).stdout).pid, third.pid);
    machine.run('rm', configuration);

    assert.match(portalctl(['daemon', 'stop']).stdout, /^stopped portald\.service; portals stay open\n/);
    assert.equal(portalctl(['daemon', 'status']).code, 3);
    assert.match(portalctl(['daemon', 'restart']).stdout, /^started portald\.service \(process \d+\)\n/);

    const gone = portalctl(['daemon', 'uninstall'], [path]);
    assert.match(
      gone.stdout,
      /^stopped and disabled portald\.service\nremoved .*\nremoved .*\nrecords and logs stay/,
    );
    assert.match(gone.stdout, /\nlingering stays enabled; /);
    assert.equal(machine.run('ls', `${places.home}/.config/systemd/user`).stdout, '');
    assert.equal(machine.run('test', '-d', `${places.home}/.local/state/portald/portals`).code, 0);
  });

  test('a service of the machine for one user, whose unit a package has brought', async () => {
    await using machine = await startMachine();
    const program = ['/mnt/node_modules/.bin/node', programOnMachine('client'), 'daemon'];
    const portalctl = (...words: string[]) =>
      machine.run('env', 'AWS_REGION=eu-west-1', 'PATH=/usr/bin:/bin', ...program, ...words);
    machine.run('install', '-d', '-o', 'daemon', '/etc/portald');
    const refused = portalctl('install', '--system', 'daemon');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /others than root can write to \/etc\/portald, .*\nhint: .*chown root:root/);
    machine.run('rm', '-r', '/etc/portald');

    const installed = portalctl('install', '--system', 'daemon', '--json');
    assert.equal(installed.code, 0, installed.stderr + machine.log());
    const { done, daemon, undo } = JSON.parse(installed.stdout);
    assert.match(done[0], /^the unit \/run\/units\/portald@\.service is there already, and stays as it is$/);
    assert.equal(undo, 'portalctl daemon uninstall --system daemon');
    assert.deepEqual([daemon.managedBy, daemon.socket], ['systemd', '/run/portald-daemon/portald.sock']);
    assert.ok(environmentOf(machine, daemon.pid).includes('AWS_REGION=eu-west-1'));
    assert.equal(machine.run('stat', '-c', '%U', `/proc/${daemon.pid}`).stdout, 'daemon\n');
    // Its user would own it, and what it says for others.
    assert.equal(machine.run('test', '-e', '/etc/portald').code, 1);
    assert.match(
      portalctl('status', '--system', 'daemon').stdout,
      /managed by +systemd: portald@daemon\.service/,
    );
    assert.match(
      portalctl('uninstall', '--system', 'daemon').stdout,
      /units\/portald@\.service .* and stays\n/,
    );
    assert.equal(machine.show('portald@daemon.service', 'ActiveState'), 'inactive');
    assert.match(portalctl('uninstall', '--system', 'daemon').stdout, /^portald is no service here: /);
    assert.equal(machine.run('test', '-d', '/var/lib/portald-daemon/portals').code, 0);
  });
});
