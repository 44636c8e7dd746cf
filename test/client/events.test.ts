// events: words, JSON and exit codes.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture, restarted } from './client-fixture.ts';

const at = (ageMs: number): string => new Date(Date.now() - ageMs).toISOString();

suite('portalctl events', () => {
  test('the latest that happened, of one portal or of all by time, and no more', async (context) => {
    const fixture = await clientFixture(context);
    assert.deepEqual(await fixture.run('events'), {
      exit: 0,
      stdout: 'nothing has happened yet\n',
      stderr: '',
    });
    fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.show(portalView('cpu', 'open'));
    fixture.daemon.history = [
      { at: at(400 * 86_400_000), level: 'info', text: 'asked to open' },
      { at: at(2000), level: 'warning', text: 'a trick: \u001b[2J' },
      { at: at(1000), level: 'info', text: 'opening → open', state: 'open' },
    ];
    const one = await fixture.run('events', 'gpu');
    assert.equal(one.exit, 0);
    assert.match(
      one.stdout,
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d gpu: asked to open\n.*\d gpu: a trick: \\x1b\[2J\n.*\d gpu: opening → open\n$/,
    );
    const all = await fixture.run('events', '--lines', '4');
    assert.deepEqual(
      all.stdout.split('\n').map((line) => /(.pu): \w+/.exec(line)?.[0]),
      ['gpu: a', 'cpu: a', 'gpu: opening', 'cpu: opening', undefined],
    );
    const { events } = JSON.parse((await fixture.run('events', 'cpu', '--json', '--lines=1')).stdout);
    assert.deepEqual(events, [{ ...fixture.daemon.history[2], portal: 'cpu' }]);
    assert.deepEqual(JSON.parse((await fixture.run('events', '--json', '--lines', '0')).stdout), {
      events: [],
    });
    assert.equal((await fixture.run('events', '--lines', 'many')).exit, 2);
    const following = fixture.start('events', 'gpu', '-f', '--lines', '1');
    await following.sees('now: gpu open');
    following.child.kill('SIGINT');
    assert.match((await following.finished).stdout, /^\S+ gpu: opening → open\nnow: gpu open\n$/);
  });

  test('how things stand, then what happens, until Ctrl-C', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'opening'));
    fixture.daemon.show(portalView('cpu', 'open'));
    const all = fixture.start('events', '-f');
    const one = fixture.start('events', 'gpu', '--follow');
    const json = fixture.start('events', 'gpu', '--follow', '--json');
    await Promise.all([all.sees('now: '), one.sees('now: '), json.sees('snapshot')]);
    fixture.daemon.say('cpu', 'hello from cpu');
    fixture.daemon.say('gpu', 'a trick: \u001b[2J\u202e', 'warning');
    fixture.daemon.show(portalView('gpu', 'open'));
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
      ['history', undefined],
      ['message', 4],
      ['portal', 5],
    ]);
    await eventually('the subscriptions to end', () => fixture.daemon.listeners() === 0);
  });

  test('an unknown portal: exit 4; no daemon: exit 3', async (context) => {
    const fixture = await clientFixture(context);
    assert.equal((await fixture.run('events', 'unknown')).exit, 4);
    assert.equal((await fixture.run('events', 'unknown', '-f')).exit, 4);
    await fixture.server.close();
    assert.equal((await fixture.run('events', '-f')).exit, 3);
  });

  test('over a restart of portald: that it went away, and what happened meanwhile, once', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    fixture.daemon.history = [{ at: at(3000), level: 'info', text: 'before' }];
    const words = fixture.start('events', 'gpu', '-f');
    const json = fixture.start('events', '-f', '--json');
    await Promise.all([words.sees('now: '), json.sees('snapshot')]);
    await fixture.server.close();
    await eventually('it is told', () => words.printed().stderr.includes('portald went away'));
    await json.sees('no-daemon');
    const meanwhile = { at: at(1000), level: 'info', text: 'meanwhile' } as const;
    fixture.daemon.history = [...fixture.daemon.history, meanwhile];
    const again = await restarted(fixture);
    context.after(() => again.close());
    await Promise.all([words.sees('meanwhile'), json.sees('meanwhile')]);
    fixture.daemon.say('gpu', 'and on');
    await Promise.all([words.sees('and on'), json.sees('and on')]);
    for (const { child } of [words, json]) child.kill('SIGINT');
    const [told, documents] = await Promise.all([words.finished, json.finished]);
    assert.deepEqual([told.exit, documents.exit], [0, 0]);
    assert.match(
      told.stdout,
      /^\S+ gpu: before\nnow: gpu open\n\S+ gpu: meanwhile\nnow: gpu open\n\S+ gpu: and on\n$/,
    );
    const types = documents.stdout
      .trimEnd()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line))[0]);
    assert.deepEqual(types, ['type', 'type', 'error', 'type', 'type', 'type']);
  });

  test('a reader that has seen enough ends it quietly', async (context) => {
    const fixture = await clientFixture(context);
    const running = fixture.start('events', '-f');
    await running.sees('no portals yet');
    running.child.stdout?.destroy();
    await eventually('it to end', () => {
      fixture.daemon.say('gpu', 'more');
      return running.child.exitCode !== null;
    });
    assert.equal(running.child.exitCode, 0);
    assert.equal(running.printed().stderr, '');
  });
});
