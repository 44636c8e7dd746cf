// logs: portald's log from its file, in words and as it is, over the turn of the file, with portald or without.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { clientFixture } from './client-fixture.ts';

const entry = (level: number, msg: string, more: object = {}): string =>
  `${JSON.stringify({ level, time: Date.now(), msg, ...more })}\n`;

suite('portalctl logs', () => {
  test('the latest, the older file first; levels, fields and stacks; JSON as it is', async (context) => {
    const fixture = await clientFixture(context);
    const path = join(fixture.folder, 'portald.log');
    fixture.daemon.logFile = path;
    assert.match(
      (await fixture.run('logs')).stderr,
      /^portalctl: there is no log yet at .*portald\.log\nhint: /,
    );
    writeFileSync(`${path}.1`, entry(30, 'first') + entry(20, 'second'));
    const err = {
      type: 'Error',
      message: 'no such thing',
      stack: 'Error: no such thing\n    at one\n    at two',
    };
    writeFileSync(
      path,
      `${entry(40, 'third \u001b[2J', { portal: 'gpu', took: 12, text: 'two words' })}{"cut\n${entry(50, 'fourth', { err })}{"half`,
    );
    const { exit, stdout, stderr } = await fixture.run('logs');
    assert.deepEqual([exit, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    for (const [index, words] of [
      /^\d\d:\d\d:\d\d info {2}first$/,
      /^\d\d:\d\d:\d\d debug second$/,
      /^\d\d:\d\d:\d\d warn {2}third \\x1b\[2J portal=gpu took=12 text="two words"$/,
      /^\{"cut$/,
      /^\d\d:\d\d:\d\d error fourth error="no such thing"$/,
      /^ {4}at one$/,
      /^ {4}at two$/,
    ].entries())
      assert.match(lines[index] ?? '', words);
    assert.equal(lines.length, 7);
    const json = await fixture.run('logs', '--json', '--level', 'warn', '--lines', '1');
    assert.deepEqual(JSON.parse(json.stdout).err, err);
    assert.equal((await fixture.run('logs', '--lines=0')).stdout, '');
    const wrong = await fixture.run('logs', '--level', 'wran');
    assert.equal(wrong.exit, 2);
    assert.match(wrong.stderr, /does not take "wran"; did you mean "warn"\?\nhint: it takes debug, info,/);
  });

  test('--follow goes on over the turn of the file, until Ctrl-C', async (context) => {
    const fixture = await clientFixture(context);
    const path = join(fixture.folder, 'portald.log');
    fixture.daemon.logFile = path;
    const running = fixture.start('logs', '-f', '--level', 'info');
    writeFileSync(path, entry(30, 'one') + entry(20, 'hidden'));
    await running.sees('one');
    const text = entry(30, 'twö');
    appendFileSync(path, Buffer.from(text).subarray(0, -8));
    appendFileSync(path, Buffer.from(text).subarray(-8));
    appendFileSync(path, entry(30, 'three'));
    renameSync(path, `${path}.1`);
    writeFileSync(path, entry(30, 'four'));
    await running.sees('four');
    running.child.kill('SIGINT');
    const { exit, stdout } = await running.finished;
    assert.equal(exit, 0);
    assert.deepEqual(stdout.match(/(one|twö|three|four|hidden)$/gm), ['one', 'twö', 'three', 'four']);
  });

  test("without a daemon, the log of this environment's state folder", async (context) => {
    const fixture = await clientFixture(context);
    await fixture.server.close();
    mkdirSync(join(fixture.folder, 'state'));
    fixture.environment['PORTALD_STATE_DIR'] = join(fixture.folder, 'state');
    writeFileSync(join(fixture.folder, 'state', 'portald.log'), entry(30, 'before it ended'));
    assert.match((await fixture.run('logs')).stdout, /before it ended\n$/);
  });
});
