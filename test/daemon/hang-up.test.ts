// SIGHUP: the configuration is read anew; one with a mistake changes nothing, and what needs a restart is told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../rpc/raw-client.ts';
import { temporaryFolder } from '../rpc/rpc-test-bench.ts';
import { programPath } from '../stage/programs.ts';

test('SIGHUP reads the configuration anew', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, 'log_level: info\n');
  const daemon = spawn(process.execPath, [programPath('daemon')], {
    env: {
      HOME: folder,
      PATH: process.env['PATH'],
      PORTALD_CONFIG: file,
      PORTALD_STATE_DIR: join(folder, 'state'),
      PORTALD_SOCKET: join(folder, 'state', 'portald.sock'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => daemon.kill('SIGKILL'));
  let log = '';
  daemon.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()));
  const says = (text: string) => eventually(() => log.includes(text), `"${text}"`);
  await says('portald is ready');

  const hangUp = (text: string): void => {
    log = '';
    writeFileSync(file, text);
    daemon.kill('SIGHUP');
  };
  hangUp('log_level: loud\n');
  await says('the configuration stays as it was');
  assert.match(log, /config\.yaml:1:12: log_level: must be one of/);
  hangUp('region: eu-west-1\n');
  await says('region: restart portald for that');
  hangUp('log_level: warn\n');
  // What it says after that is of no level that is logged.
  hangUp('log_level: error\n');
  hangUp('log_level: info\n');
  await says('read the configuration anew');
  daemon.kill('SIGTERM');
  assert.deepEqual(await once(daemon, 'exit'), [0, null]);
});
