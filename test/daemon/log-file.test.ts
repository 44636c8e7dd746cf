// portald's log file: what is in it after every kind of end, that it stays small, and what a full disk does to it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { createLogFile } from '../../daemon/log-file.ts';
import { eventually } from '../fixture/eventually.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

const program = join(import.meta.dirname, 'log-program.ts');

function run(folder: string, end: string, lines: number, stdout: 'pipe' | number = 'pipe') {
  const words = [program, folder, end, String(lines)];
  return spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'] });
}

suite('the log file', () => {
  test('holds what stdout has, also after an exit at once and after an error; only its user reads it', (context) => {
    const folder = temporaryFolder(context);
    const path = join(folder, 'portald.log');
    const first = run(folder, 'exit', 2000);
    assert.equal(first.status, 0);
    assert.equal(readFileSync(path, 'utf8'), first.stdout);
    assert.match(first.stdout, /"the last line"\}\n$/);
    assert.doesNotMatch(first.stdout, /not of this level/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = run(folder, 'throw', 1);
    assert.equal(second.status, 1);
    assert.equal(readFileSync(path, 'utf8'), first.stdout + second.stdout);
    const { level, err } = JSON.parse(second.stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.deepEqual([level, err.message], [60, 'nobody expected this']);
  });

  test('a full disk ends nothing, neither under the file nor under stdout', {
    skip: !existsSync('/dev/full') && 'no /dev/full here',
  }, (context) => {
    const folder = temporaryFolder(context);
    symlinkSync('/dev/full', join(folder, 'portald.log'));
    const { status, stdout } = run(folder, 'exit', 3);
    assert.equal(status, 0);
    assert.match(stdout, /"the log file cannot be written"\}\n(.*\n)*.*"the last line"\}\n$/);
    const other = temporaryFolder(context);
    assert.equal(run(other, 'exit', 3, openSync('/dev/full', 'w')).status, 0);
    assert.match(readFileSync(join(other, 'portald.log'), 'utf8'), /"the last line"\}\n$/);
  });

  test('goes to the older file when it is full, and on again once it can be written', async (context) => {
    const folder = join(temporaryFolder(context), 'later');
    const [path, olderPath] = [join(folder, 'log'), join(folder, 'log.1')];
    const failures: string[] = [];
    const file = createLogFile({
      path,
      olderPath,
      maximumBytes: 30,
      now: () => performance.now(),
      failed: ({ message }) => failures.push(message),
    });
    const holds = (place: string, text: string) =>
      eventually(
        `${place} to hold ${text}`,
        () => existsSync(place) && readFileSync(place, 'utf8').trimStart() === text,
      );
    file.write('nowhere to go\n');
    await eventually('the failure', () => failures.length === 1);
    mkdirSync(folder);
    file.write('1234567890\n');
    await holds(path, '1234567890\n');
    file.write('abcdefghij\n');
    await holds(path, '1234567890\nabcdefghij\n');
    file.write('ABCDEFGHIJ\n');
    await holds(path, 'ABCDEFGHIJ\n');
    await holds(olderPath, '1234567890\nabcdefghij\n');
    file.write('KLMNOPQRSTUVWXYZ01234567890\n');
    await holds(path, 'KLMNOPQRSTUVWXYZ01234567890\n');
    await holds(olderPath, 'ABCDEFGHIJ\n');
    assert.match(failures.join(), /^ENOENT[^,]*,[^,]*$/);
  });

  test('that was moved or removed is made anew; a named pipe in its place holds up nobody', async (context) => {
    const folder = temporaryFolder(context);
    const [path, olderPath] = [join(folder, 'log'), join(folder, 'log.1')];
    const failures: string[] = [];
    let now = 0;
    const file = createLogFile({
      path,
      olderPath,
      maximumBytes: 1000,
      now: () => now,
      failed: ({ message }) => failures.push(message),
    });
    file.write('one\n');
    renameSync(path, join(folder, 'moved'));
    now += 1000;
    file.write('two\n');
    assert.equal(readFileSync(path, 'utf8'), 'two\n');
    rmSync(path);
    now += 1000;
    file.write('three\n');
    assert.equal(readFileSync(path, 'utf8'), 'three\n');
    renameSync(path, join(folder, 'moved again'));
    file.reopen();
    file.write('four\n');
    assert.equal(readFileSync(path, 'utf8'), 'four\n', 'at once, as after SIGHUP');
    assert.equal(readFileSync(join(folder, 'moved'), 'utf8'), 'one\n');
    rmSync(path);
    execFileSync('mkfifo', [path]);
    now += 1000;
    file.write('nobody reads it\n');
    assert.match(failures.join(), /^ENXIO/);
  });
});

/** More than any pipe, socket or terminal takes, and more than waits. */
const many = 60_000;
const whole = (folder: string): void => {
  const lines = ['portald.log.1', 'portald.log'].flatMap((name) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trimEnd().split('\n') : [],
  );
  assert.match(lines.at(-1) ?? '', /"the last line"\}$/);
  assert.equal(lines.length, many + 1);
};

suite('a reader that stops reading holds up nothing', () => {
  test('of a socket; what it missed is counted once it reads again', async (context) => {
    const folder = temporaryFolder(context);
    const child = spawn(process.execPath, [program, folder, 'wait', String(many)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    context.after(() => child.kill('SIGKILL'));
    await eventually(
      'it has come to its last line',
      () =>
        existsSync(join(folder, 'portald.log')) &&
        readFileSync(join(folder, 'portald.log'), 'utf8').endsWith('"the last line"}\n'),
    );
    whole(folder);
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const missed = await eventually(
      'it is told',
      () => /"lines":(\d+),"msg":"what reads this output/.exec(said) ?? undefined,
    );
    const read = said.split('\n').filter((line) => line.includes('"a line"')).length;
    assert.ok(read > 1000 && read < many, String(read));
    assert.ok(Number(missed[1]) >= many - read);
    child.stdin.end();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('of a pipe', (context) => {
    const folder = temporaryFolder(context);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Opened for both, so that neither end waits, and nobody reads.
    const held = openSync(pipe, 'r+');
    assert.equal(run(folder, 'exit', many, held).status, 0);
    whole(folder);
  });

  test('of a terminal', (context) => {
    const folder = temporaryFolder(context);
    const words = [process.execPath, program, folder, 'exit', String(many)];
    const held =
      'import os, pty, subprocess, sys\nmaster, slave = pty.openpty()\nsys.exit(subprocess.call(sys.argv[1:], stdout=slave))';
    const { status, stderr } = spawnSync('python3', ['-c', held, ...words], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    whole(folder);
  });
});
