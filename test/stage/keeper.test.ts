// A stage's keeper ends what it was given, and nothing else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startKeeper } from './keeper.ts';

test("what lives is ended with the stage; the id of what ended before may be anybody's, and is left alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-keeper-'));
  const keeper = startKeeper(folder);
  const living = spawn('sleep', ['600']);
  const ended = spawn('true');
  keeper.keep(living);
  keeper.keep(ended);
  await once(ended, 'exit');
  assert.equal(readFileSync(join(folder, 'pids'), 'utf8'), `${living.pid}\n`);
  const gone = once(living, 'exit');
  await keeper.end();
  assert.deepEqual(await gone, [null, 'SIGTERM']);
  assert.equal(existsSync(folder), false, 'and its folder is removed');
});
