// status --watch: a live screen on a terminal, documents elsewhere, over a portald that goes away and comes back.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture, portalctlProgram, restarted } from './client-fixture.ts';

suite('portalctl status --watch', () => {
  test('a live screen: drawn as things change, also over a restart; q gives the terminal back', {
    skip: spawnSync('script', ['--version']).status !== 0 && 'no script(1) here',
  }, async (context) => {
    const fixture = await clientFixture(context);
    const line = `stty cols 60 rows 5; "${process.execPath}" "${portalctlProgram}" status gpu -w; echo "rc=$?"; stty -a`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: fixture.folder,
      env: { ...fixture.environment, PATH: process.env['PATH'], TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    context.after(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    const shows = (words: string) => eventually(`"${words}"`, () => text.includes(words));
    fixture.daemon.show(portalView('gpu', 'opening'));
    await shows('step of opening');
    assert.ok(text.includes('\u001b[?1049h'));
    await shows('more lines');
    await shows('q or Ctrl-C leaves');
    fixture.daemon.show(portalView('gpu', 'open', { step: { what: 'x'.repeat(70), since: '', reason: '' } }));
    await shows('x'.repeat(44));
    assert.ok(!text.includes('x'.repeat(45)), 'no line is longer than the terminal is wide');
    await fixture.server.close();
    await shows('portald went away, trying again');
    const again = await restarted(fixture);
    context.after(() => again.close());
    fixture.daemon.show(portalView('gpu', 'closing'));
    await shows('step of closing');
    child.stdin.write('q');
    await once(child, 'close');
    const end = text.slice(text.lastIndexOf('\u001b[?1049l'));
    assert.match(end, /rc=0/);
    assert.match(end, / icanon .* echo /s);
    assert.ok(text.includes('\u001b[?25h'), 'the cursor is shown again');
  });

  test('JSON: a document a change, an error while portald is away, until Ctrl-C', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'opening'));
    const running = fixture.start('status', '-w', '--json');
    await running.sees('"state":"opening"');
    fixture.daemon.say('gpu', 'this changes nothing');
    fixture.daemon.show(portalView('gpu', 'open'));
    await running.sees('"state":"open"');
    await fixture.server.close();
    await running.sees('"kind":"no-daemon"');
    const again = await restarted(fixture);
    context.after(() => again.close());
    await eventually('the status again', () => running.printed().stdout.trim().split('\n').length === 4);
    running.child.kill('SIGINT');
    const { exit, stdout, stderr } = await running.finished;
    assert.deepEqual([exit, stderr], [0, '']);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      documents.map((one) => one.portals?.[0].state ?? one.error.kind),
      ['opening', 'open', 'no-daemon', 'open'],
    );
    assert.equal(documents[0].pid, 4242);
  });

  test('no terminal, a dumb one, no daemon, no such portal', async (context) => {
    const fixture = await clientFixture(context);
    const elsewhere = await fixture.run('status', '--watch');
    assert.equal(elsewhere.exit, 2);
    assert.match(
      elsewhere.stderr,
      /a live screen needs a terminal\nhint: leave out --watch; or --watch --json/,
    );
    fixture.environment['TERM'] = 'dumb';
    assert.match((await fixture.run('status', '-w')).stderr, /TERM=dumb/);
    assert.equal((await fixture.run('status', 'gpu', '-w', '--json')).exit, 4);
    await fixture.server.close();
    assert.equal((await fixture.run('status', '-w', '--json')).exit, 3);
  });
});
