// open and close of several portals at once: told apart, and one answer for all.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PortalError } from '../../protocol/errors.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { type ClientFixture, clientFixture } from './client-fixture.ts';

function specify({ folder }: ClientFixture, ...names: string[]): void {
  for (const name of names) writeFileSync(join(folder, `${name}.yaml`), '{}');
}

suite('several portals at once', () => {
  test('all are opened at the same time, whatever one of them meets; the highest exit code counts', async (context) => {
    const fixture = await clientFixture(context);
    specify(fixture, 'a', 'b', 'c');
    const asked: string[] = [];
    fixture.environment['AWS_PROFILE'] = 'other';
    fixture.daemon.onOpen = async ({ name }) => {
      asked.push(name);
      if (name === 'c') throw new PortalError('quota', 'the quota is 0');
      return fixture.daemon.show(portalView(name, 'opening'));
    };
    const running = fixture.start('open', 'a', './b.yaml', 'c', 'd');
    await running.sees('a: ');
    await running.sees('the quota is 0');
    // Neither is open, and yet both were asked for.
    assert.deepEqual(asked.toSorted(), ['a', 'b', 'c']);
    fixture.daemon.say('a', 'the fleet is fulfilled');
    for (const name of ['b', 'a']) fixture.daemon.show(portalView(name, 'open'));
    const { exit, stdout, stderr } = await running.finished;
    assert.equal(exit, 4);
    assert.match(stdout, /^a: +\d\.\d s {2}the fleet is fulfilled$/m);
    assert.match(stdout, /^a: a is open$/m);
    assert.match(stdout, /^b: b is open$/m);
    assert.match(stderr, /^c: portalctl: the quota is 0$/m);
    assert.match(stderr, /^d: portalctl: there is no d\.yaml/m);
    assert.equal(stderr.match(/warning: your environment names the profile/g)?.length, 1);
  });

  test('JSON is one document; of one portal it is as it was', async (context) => {
    const fixture = await clientFixture(context);
    specify(fixture, 'a', 'b');
    fixture.daemon.onOpen = async ({ name }) => fixture.daemon.show(portalView(name, 'open'));
    const { exit, stdout } = await fixture.run('open', 'a', 'b', 'zzz', '--json');
    const [a, b, zzz] = JSON.parse(stdout).portals;
    assert.deepEqual(
      [exit, a, b.portal],
      [4, { name: 'a', portal: portalView('a', 'open') }, portalView('b', 'open')],
    );
    assert.deepEqual([zzz.name, zzz.error.kind], ['zzz', 'unknown-portal']);
    assert.deepEqual(JSON.parse((await fixture.run('open', 'a', '--json')).stdout), {
      portal: portalView('a', 'open'),
    });
  });

  test('Ctrl-C ends the waiting for all, each told', async (context) => {
    const fixture = await clientFixture(context);
    for (const name of ['a', 'b']) fixture.daemon.show(portalView(name, 'open'));
    const running = fixture.start('close', 'a', 'b');
    await running.sees('a:    ');
    await running.sees('b:    ');
    running.child.kill('SIGINT');
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 130);
    for (const name of ['a', 'b'])
      assert.ok(stderr.includes(`${name}: no longer waiting; portald goes on closing ${name}\n`), stderr);
  });

  test('close --all closes what is not closed, and only if it is wanted', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.onClose = async (name) => fixture.daemon.show(portalView(name, 'closed'));
    fixture.daemon.show(portalView('named', 'open'));
    assert.equal((await fixture.run('close', 'named', '--yes')).exit, 0, 'it says nothing new');
    assert.deepEqual(await fixture.run('close', '--all', '--yes'), {
      exit: 0,
      stdout: 'every portal is closed\n',
      stderr: '',
    });
    fixture.daemon.show(portalView('a', 'open'));
    fixture.daemon.show(portalView('b', 'failed'));
    fixture.daemon.show(portalView('c', 'closed'));
    const unasked = await fixture.run('close', '--all');
    assert.equal(unasked.exit, 2);
    assert.match(unasked.stderr, /nobody can be asked here: say --yes to close all/);
    assert.equal(fixture.daemon.service.view('a').state, 'open');
    const { exit, stdout } = await fixture.run('close', '--all', '--yes', '--json');
    const { portals } = JSON.parse(stdout);
    assert.deepEqual(
      [exit, portals.map((one: { name: string; portal: { state: string } }) => [one.name, one.portal.state])],
      [
        0,
        [
          ['a', 'closed'],
          ['b', 'closed'],
        ],
      ],
    );
    for (const wrong of [['close'], ['close', 'a', '--all', '--yes'], ['close', 'a', 'a.yaml']])
      assert.equal((await fixture.run(...wrong)).exit, 2, wrong.join(' '));
  });
});
