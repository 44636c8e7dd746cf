// status --watch: a live screen on a terminal, documents elsewhere, over a portald that goes away and comes back.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { openDoor } from '../../daemon/rpc/door.ts';
import { startRpcServer } from '../../daemon/rpc/server.ts';
import { eventually } from '../fixture/eventually.ts';
import { portalView, silentLog } from '../rpc/scripted-service.ts';
import { type ClientBench, clientBench, portalctlProgram } from './client-bench.ts';

/** portald again, on the same socket and with the same portals. */
const restarted = async ({ path, daemon }: ClientBench) =>
  startRpcServer({
    door: await openDoor(path, {}),
    service: daemon.service,
    volumes: daemon.volumes.service,
    feed: daemon.feed,
    log: silentLog,
    version: '0.0.1',
    newId: () => 'id',
  });

suite('portalctl status --watch', () => {
  test('a live screen: drawn as things change, also over a restart; q gives the terminal back', {
    skip: spawnSync('script', ['--version']).status !== 0 && 'no script(1) here',
  }, async (context) => {
    const bench = await clientBench(context);
    const line = `stty cols 60 rows 5; "${process.execPath}" "${portalctlProgram}" status gpu -w; echo "rc=$?"; stty -a`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: bench.folder,
      env: { ...bench.environment, PATH: process.env['PATH'], TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    context.after(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    const shows = (words: string) => eventually(`"${words}"`, () => text.includes(words));
    bench.daemon.show(portalView('gpu', 'opening'));
    await shows('step of opening');
    assert.ok(text.includes('\u001b[?1049h'));
    await shows('more lines');
    await shows('q or Ctrl-C leaves');
    bench.daemon.show(portalView('gpu', 'open', { step: { what: 'x'.repeat(70), since: '', reason: '' } }));
    await shows('x'.repeat(44));
    assert.ok(!text.includes('x'.repeat(45)), 'no line is longer than the terminal is wide');
    await bench.server.close();
    await shows('portald went away, trying again');
    const again = await restarted(bench);
    context.after(() => again.close());
    bench.daemon.show(portalView('gpu', 'closing'));
    await shows('step of closing');
    child.stdin.write('q');
    await once(child, 'close');
    const end = text.slice(text.lastIndexOf('\u001b[?1049l'));
    assert.match(end, /rc=0/);
    assert.match(end, / icanon .* echo /s);
    assert.ok(text.includes('\u001b[?25h'), 'the cursor is shown again');
  });

  test('JSON: a document a change, an error while portald is away, until Ctrl-C', async (context) => {
    const bench = await clientBench(context);
    bench.daemon.show(portalView('gpu', 'opening'));
    const running = bench.start('status', '-w', '--json');
    await running.sees('"state":"opening"');
    bench.daemon.say('gpu', 'this changes nothing');
    bench.daemon.show(portalView('gpu', 'open'));
    await running.sees('"state":"open"');
    await bench.server.close();
    await running.sees('"kind":"no-daemon"');
    const again = await restarted(bench);
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
    const bench = await clientBench(context);
    const elsewhere = await bench.run('status', '--watch');
    assert.equal(elsewhere.exit, 2);
    assert.match(
      elsewhere.stderr,
      /a live screen needs a terminal\nhint: leave out --watch; or --watch --json/,
    );
    bench.environment['TERM'] = 'dumb';
    assert.match((await bench.run('status', '-w')).stderr, /TERM=dumb/);
    assert.equal((await bench.run('status', 'gpu', '-w', '--json')).exit, 4);
    await bench.server.close();
    assert.equal((await bench.run('status', '-w', '--json')).exit, 3);
  });
});
