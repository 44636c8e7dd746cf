// events: words, JSON and exit codes.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventually } from '../rpc/raw-client.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { clientBench } from './client-bench.ts';

suite('portalctl events', () => {
  test('how things stand, then what happens, until Ctrl-C', async (context) => {
    const bench = await clientBench(context);
    bench.daemon.show(portalView('gpu', 'opening'));
    bench.daemon.show(portalView('cpu', 'open'));
    const all = bench.start('events');
    const one = bench.start('events', 'gpu');
    const json = bench.start('events', 'gpu', '--json');
    await Promise.all([all.sees('now: '), one.sees('now: '), json.sees('snapshot')]);
    bench.daemon.say('cpu', 'hello from cpu');
    bench.daemon.say('gpu', 'a trick: \u001b[2J\u202e', 'warning');
    bench.daemon.show(portalView('gpu', 'open'));
    await Promise.all([all.sees('→ open'), one.sees('→ open'), json.sees('"state":"open"')]);
    for (const { child } of [all, one, json]) child.kill('SIGINT');
    const [everything, some, documents] = await Promise.all([all.finished, one.finished, json.finished]);
    assert.deepEqual([everything.exit, some.exit, documents.exit], [0, 0, 0]);
    assert.match(everything.stdout, /^now: gpu opening, cpu open\n.* cpu: hello from cpu\n/);
    assert.match(
      some.stdout,
      /^now: gpu opening\n\d\d:\d\d:\d\d gpu: a trick: \\x1b\[2J\\u202e\n\d\d:\d\d:\d\d gpu: opening → open: step of open\n$/,
    );
    assert.ok(!documents.stdout.includes('\u001b') && !documents.stdout.includes('\u202e'));
    const types = documents.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((event) => [event.type, event.sequence]);
    assert.deepEqual(types, [
      ['snapshot', 2],
      ['message', 4],
      ['portal', 5],
    ]);
    await eventually(() => bench.daemon.listeners() === 0, 'the subscriptions to end');
  });

  test('an unknown portal: exit 4; a daemon that goes away: exit 3', async (context) => {
    const bench = await clientBench(context);
    assert.equal((await bench.run('events', 'unknown')).exit, 4);
    const running = bench.start('events', '--json');
    await running.sees('snapshot');
    await bench.server.close();
    const { exit, stdout } = await running.finished;
    assert.equal(exit, 3);
    assert.equal(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').error.kind, 'no-daemon');
  });

  test('a reader that has seen enough ends it quietly', async (context) => {
    const bench = await clientBench(context);
    const running = bench.start('events');
    await running.sees('no portals yet');
    running.child.stdout?.destroy();
    await eventually(() => {
      bench.daemon.say('gpu', 'more');
      return running.child.exitCode !== null;
    }, 'it to end');
    assert.equal(running.child.exitCode, 0);
    assert.equal(running.printed().stderr, '');
  });
});
