// portald's log file: what is in it after every kind of end, that it stays small, and what a full disk does to it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync } from 'node:fs';
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
});
