// portalctl open: what is sent, what is shown while waiting, and every way that it can end.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PortalError } from '../../protocol/errors.ts';
import type { MethodParameters } from '../../protocol/methods.ts';
import { eventually } from '../fixture/eventually.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture } from './client-fixture.ts';

suite('portalctl open', () => {
  test('sends text, real path and environment; shows messages and steps; ends when open', async (context) => {
    const fixture = await clientFixture(context);
    const requests: MethodParameters['portal.open'][] = [];
    fixture.daemon.onOpen = async (request, { progress }) => {
      requests.push(request);
      progress('checking the volumes');
      return fixture.daemon.show(portalView('gpu', 'opening'));
    };
    Object.assign(fixture.environment, { AWS_PROFILE: 'work', AWS_DEFAULT_REGION: 'eu-west-1' });
    const running = fixture.start('open', 'gpu');
    await running.sees('opening: step of opening (the test says so)');
    fixture.daemon.say('gpu', 'the fleet is fulfilled');
    fixture.daemon.say('other', 'not of interest');
    await running.sees('the fleet is fulfilled');
    fixture.daemon.show(
      portalView('gpu', 'open', {
        ssh: { port: 22, identityFile: '/home/me/.ssh/laptop.pem', knownHostsFile: '/run/1.known_hosts' },
        instance: {
          id: 'i-1',
          type: 'g5.xlarge',
          zone: 'eu-west-1a',
          state: 'running',
          address: '192.0.2.7',
        },
      }),
    );
    const { exit, stdout, stderr } = await running.finished;
    assert.deepEqual([exit, stderr], [0, '']);
    assert.match(stdout, /\d s {2}checking the volumes\n/);
    assert.match(
      stdout,
      /gpu is open: ubuntu@192\.0\.2\.7 \(i-1\)\nssh -i \/home\/me\/\.ssh\/laptop\.pem -o UserKnownHostsFile=\/run\/1\.known_hosts -o StrictHostKeyChecking=yes ubuntu@192\.0\.2\.7\n$/,
    );
    assert.ok(!stdout.includes('not of interest') && !stdout.includes('\u001b'));
    const path = realpathSync(join(fixture.folder, 'gpu.yaml'));
    const environment = { profile: 'work', region: 'eu-west-1' };
    assert.deepEqual(requests, [{ name: 'gpu', path, text: 'spot_instance: {}\n', environment }]);
  });

  test('a portal that opens before the answer is here does not hang it', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.onOpen = async () => {
      const answer = fixture.daemon.show(portalView('gpu', 'opening'));
      fixture.daemon.show(portalView('gpu', 'open'));
      return answer;
    };
    assert.equal((await fixture.run('open', 'gpu')).exit, 0);
  });

  test('an open portal stays as it is, and it says so', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.onOpen = async () => fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.show(portalView('gpu', 'open'));
    fixture.environment['AWS_PROFILE'] = 'zzz';
    const { exit, stdout, stderr } = await fixture.run('open', 'gpu');
    assert.equal(exit, 0);
    assert.match(stdout, /gpu is already open\n/);
    assert.match(
      stderr,
      /^warning: your environment names the profile zzz, but portald works with the profile work/,
    );
  });

  test('an open portal whose file was edited stays as it is too, with a warning', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.onOpen = async () => fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.differs = true;
    const { exit, stderr } = await fixture.run('open', 'gpu');
    assert.equal(exit, 0);
    assert.match(
      stderr,
      /warning: gpu\.yaml says something else now .* not applied\nhint: apply it: portalctl reload gpu$/m,
    );
    assert.equal(JSON.parse((await fixture.run('open', 'gpu', '--json')).stdout).differs, true);
  });

  test('--no-wait returns once accepted', async (context) => {
    const fixture = await clientFixture(context);
    const words = await fixture.run('open', 'gpu', '--no-wait');
    assert.deepEqual([words.exit, words.stderr], [0, '']);
    assert.match(words.stdout, /portald is opening gpu; follow it: portalctl events gpu --follow\n$/);
    const json = await fixture.run('open', 'gpu', '--no-wait', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { portal: portalView('gpu', 'opening') });
  });

  test('a failed portal: its problem and hint, exit 1; the same as JSON', async (context) => {
    const fixture = await clientFixture(context);
    const since = '2026-11-01T10:00:00.000Z';
    const problem = {
      kind: 'quota',
      message: 'the quota is 0',
      hint: 'ask AWS for more',
      retryable: false,
      since,
    } as const;
    fixture.daemon.onOpen = async () => {
      const answer = fixture.daemon.show(portalView('gpu', 'opening'));
      fixture.daemon.show(portalView('gpu', 'failed', { problem }));
      return answer;
    };
    const words = await fixture.run('open', 'gpu');
    assert.equal(words.exit, 1);
    assert.equal(words.stderr, 'portalctl: the quota is 0\nhint: ask AWS for more\n');
    assert.doesNotMatch(words.stdout, /failed/);
    const json = await fixture.run('open', 'gpu', '--json');
    assert.equal(json.exit, 1);
    assert.deepEqual(JSON.parse(json.stdout), {
      error: { kind: 'quota', message: 'the quota is 0', hint: 'ask AWS for more', retryable: false },
    });
  });

  test('closed meanwhile: exit 1', async (context) => {
    const fixture = await clientFixture(context);
    const running = fixture.start('open', 'gpu');
    await running.sees('opening');
    fixture.daemon.show(portalView('gpu', 'closing'));
    await running.sees('closing');
    fixture.daemon.show(portalView('gpu', 'closed'));
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 1);
    assert.match(stderr, /gpu was closed while it was being opened/);
  });

  test('an invalid specification: each mistake with its place, exit 2; the same as JSON', async (context) => {
    const fixture = await clientFixture(context);
    const problems = [
      { line: 1, column: 16, path: 'spot_instance', message: '"image_id" is missing' },
      { line: 1, column: 1, path: '', message: 'has \u001b[31m in it' },
    ];
    fixture.daemon.onOpen = () =>
      Promise.reject(new PortalError('specification-invalid', 'it has 2 mistakes', { problems }));
    const words = await fixture.run('open', 'gpu');
    assert.equal(words.exit, 2);
    assert.equal(
      words.stderr,
      'gpu.yaml:1:16: spot_instance: "image_id" is missing\n' +
        'gpu.yaml:1:1: has \\x1b[31m in it\n' +
        'portalctl: it has 2 mistakes\n',
    );
    const json = await fixture.run('open', 'gpu', '--json');
    assert.equal(json.exit, 2);
    assert.deepEqual(JSON.parse(json.stdout).error, {
      kind: 'specification-invalid',
      message: 'it has 2 mistakes',
      retryable: false,
      problems,
      file: 'gpu.yaml',
    });
  });

  test('Ctrl-C while waiting: the daemon goes on, how to undo, exit 130', async (context) => {
    const fixture = await clientFixture(context);
    const running = fixture.start('open', 'gpu');
    await running.sees('opening: step');
    running.child.kill('SIGINT');
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 130);
    assert.match(stderr, /portald goes on opening gpu\n.*portalctl close gpu/);
    assert.equal(fixture.daemon.service.view('gpu').state, 'opening');
    await eventually('the subscription to end', () => fixture.daemon.listeners() === 0);
  });

  test('Ctrl-C while the specification is checked takes it back', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.onOpen = (_request, { signal, progress }) => {
      progress('checking');
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    };
    const running = fixture.start('open', 'gpu', '--json');
    await eventually('the subscription', () => fixture.daemon.listeners() === 1);
    // The request follows the subscription on the same connection; its answer is what ends the run.
    const words = fixture.start('open', 'gpu');
    await words.sees('checking');
    words.child.kill('SIGINT');
    const { exit, stderr } = await words.finished;
    assert.deepEqual([exit, stderr], [130, 'taken back: gpu is not being opened\n']);
    running.child.kill('SIGINT');
    assert.equal((await running.finished).exit, 130);
  });

  test('the daemon goes away while waiting: exit 3 and what to do', async (context) => {
    const fixture = await clientFixture(context);
    const running = fixture.start('open', 'gpu');
    await running.sees('opening: step');
    await fixture.server.close();
    const { exit, stderr } = await running.finished;
    assert.equal(exit, 3);
    assert.match(
      stderr,
      /portald went away while gpu was waited for\nhint: .*\nhint: .*portalctl status gpu/,
    );
  });
});
