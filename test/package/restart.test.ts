// What the Debian package does to running portalds, on a systemd of its own.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noMachine, startMachine } from '../service/machine.ts';

const unit = 'portald@daemon.service';
const scripts = '/mnt/package/deb/maintainer';

suite('maintainer scripts', { skip: noMachine() }, () => {
  test('an upgrade restarts what runs and starts nothing else; a removal ends it', async () => {
    await using machine = await startMachine();
    assert.equal(machine.run('systemctl', 'start', unit).code, 0, machine.log());
    const before = machine.show(unit, 'MainPID');

    const first = machine.run('sh', `${scripts}/postinst`, 'configure', '');
    assert.deepEqual([first.code, first.stdout], [0, ''], first.stderr);
    assert.equal(machine.show(unit, 'MainPID'), before);

    const upgrade = machine.run('sh', `${scripts}/postinst`, 'configure', '0.0.9-1');
    assert.deepEqual([upgrade.code, upgrade.stdout], [0, ''], upgrade.stderr);
    assert.equal(machine.show(unit, 'ActiveState'), 'active');
    assert.notEqual(machine.show(unit, 'MainPID'), before);
    assert.equal(machine.show('portald@bin.service', 'ActiveState'), 'inactive');

    assert.equal(machine.run('sh', `${scripts}/prerm`, 'upgrade', '1.0.0-1').code, 0);
    assert.equal(machine.show(unit, 'ActiveState'), 'active');
    const removal = machine.run('sh', `${scripts}/prerm`, 'remove');
    assert.equal(removal.code, 0, removal.stderr);
    assert.match(removal.stdout, /stay open in AWS, and are billed/);
    assert.deepEqual(
      [machine.show(unit, 'ActiveState'), machine.show(unit, 'Result')],
      ['inactive', 'success'],
    );
  });
});
