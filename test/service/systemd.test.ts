// The units on a real systemd, which is the first process of a namespace: hardened as they are, with watchdog and sockets.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type Machine, noMachine, programOnMachine, startMachine } from './machine.ts';

const client = ['/mnt/node_modules/.bin/node', programOnMachine('client')];
const socket = '/run/portald-daemon/portald.sock';
const unit = 'portald@daemon.service';

function status(machine: Machine, path: string): string {
  const { code, stdout, stderr } = machine.run('env', `PORTALD_SOCKET=${path}`, ...client, 'status');
  assert.equal(code, 0, stderr + machine.log());
  return stdout;
}

suite('on a systemd of its own', { skip: noMachine() }, () => {
  test('the template: started when it is ready, told about, reloaded, killed, hung, stopped', async () => {
    await using machine = await startMachine();
    const started = machine.run('systemctl', 'start', unit);
    assert.equal(started.code, 0, `${started.stderr}${machine.log()}`);
    assert.equal(machine.show(unit, 'StatusText'), 'no portals');
    assert.match(status(machine, socket), /no portals; open one/);
    const modes = machine.run(
      'stat',
      '-c',
      '%a %U',
      '/run/portald-daemon',
      socket,
      '/var/lib/portald-daemon',
    );
    assert.equal(modes.stdout, '700 daemon\n600 daemon\n700 daemon\n');

    assert.equal(machine.run('systemctl', 'reload', unit).code, 0);
    await eventually('it has reloaded', () =>
      machine.log().includes('read the configuration anew') ? true : undefined,
    );
    // It tells systemd so after its log.
    await eventually('systemd knows that it has', () =>
      machine.show(unit, 'ActiveState') === 'active' ? true : undefined,
    );

    const mainProcess = machine.show(unit, 'MainPID');
    machine.run('systemctl', 'kill', '-s', 'KILL', unit);
    await eventually('it is started again', () =>
      machine.show(unit, 'NRestarts') === '1' && machine.show(unit, 'ActiveState') === 'active'
        ? true
        : undefined,
    );
    assert.notEqual(machine.show(unit, 'MainPID'), mainProcess);
    machine.run('systemctl', 'kill', '-s', 'STOP', unit);
    await eventually('one that hangs is ended and started again', () =>
      machine.show(unit, 'NRestarts') === '2' && machine.show(unit, 'ActiveState') === 'active'
        ? true
        : undefined,
    );
    assert.match(status(machine, socket), /no portals; open one/);

    // /proc shows it less than others, and still it names itself in its lock by more than a number.
    assert.match(machine.run('cat', '/var/lib/portald-daemon/lock').stdout, /^\d+ \d+@/);
    // What other programs of its user share is not its to remove.
    const shared = `/dev/shm/of-daemon-${process.pid}`;
    machine.run('sh', '-c', `echo data > ${shared} && chown daemon ${shared}`);
    assert.equal(machine.run('systemctl', 'stop', unit).code, 0);
    assert.equal(machine.run('rm', shared).code, 0);
    assert.deepEqual(
      ['ActiveState', 'Result', 'ExecMainStatus'].map((name) => machine.show(unit, name)),
      ['inactive', 'success', '0'],
    );
    assert.match(machine.log(), /portald ends; portals stay open/);
  });

  test('a socket unit starts it with the first client, again and again', async () => {
    await using machine = await startMachine();
    assert.equal(machine.run('systemctl', 'start', 'portald@daemon.socket').code, 0, machine.log());
    assert.equal(machine.show(unit, 'ActiveState'), 'inactive');
    const modes = machine.run('stat', '-c', '%a %U', '/run/portald-daemon', socket);
    assert.equal(modes.stdout, '700 daemon\n600 daemon\n');
    assert.match(status(machine, socket), /no portals; open one/);
    assert.equal(machine.show(unit, 'ActiveState'), 'active');
    assert.equal(machine.run('systemctl', 'stop', unit).code, 0);
    assert.match(status(machine, socket), /no portals; open one/);
  });

  test('the user unit and its socket', async () => {
    await using machine = await startMachine();
    const started = machine.run('systemctl', 'start', 'portald.socket', 'portald.service');
    assert.equal(started.code, 0, `${started.stderr}${machine.log()}`);
    assert.match(status(machine, '/run/portald/portald.sock'), /no portals; open one/);
    assert.equal(machine.run('systemctl', 'stop', 'portald.service').code, 0);
    assert.equal(machine.show('portald.service', 'Result'), 'success');
  });
});
