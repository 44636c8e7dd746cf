// SIGHUP: the configuration is read anew; one with a mistake changes nothing, and what needs a restart is told.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { programPath } from '../fixture/programs.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

interface Running {
  readonly daemon: ChildProcess;
  /** Its configuration. */
  readonly file: string;
  readonly stateFolder: string;
  readonly log: () => string;
}

function startDaemon(context: TestContext): Running {
  const folder = temporaryFolder(context);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, 'log_level: info\n');
  const stateFolder = join(folder, 'state');
  const daemon = spawn(process.execPath, [programPath('daemon')], {
    env: {
      HOME: folder,
      PATH: process.env['PATH'],
      PORTALD_CONFIG: file,
      PORTALD_STATE_DIR: stateFolder,
      PORTALD_SOCKET: join(stateFolder, 'portald.sock'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => daemon.kill('SIGKILL'));
  let log = '';
  daemon.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()));
  return { daemon, file, stateFolder, log: () => log };
}

async function end(daemon: ChildProcess): Promise<void> {
  daemon.kill('SIGTERM');
  assert.deepEqual(await once(daemon, 'exit'), [0, null]);
}

test('SIGHUP reads the configuration anew', async (context) => {
  const { daemon, file, log } = startDaemon(context);
  let from = 0;
  const news = (): string => log().slice(from);
  const says = (text: string) => eventually(`"${text}"`, () => news().includes(text));
  await says('portald is ready');

  const hangUp = (text: string): void => {
    from = log().length;
    writeFileSync(file, text);
    daemon.kill('SIGHUP');
  };
  hangUp('log_level: loud\n');
  await says('the configuration stays as it was');
  assert.match(news(), /config\.yaml:1:12: log_level: must be one of/);
  hangUp('region: eu-west-1\n');
  await says('region: restart portald for that');
  hangUp('log_level: warn\n');
  // What it says after that is of no level that is logged.
  hangUp('log_level: error\n');
  hangUp('log_level: info\n');
  await says('read the configuration anew');
  await end(daemon);
});

test('SIGHUP while it starts does not end it, and is heeded', async (context) => {
  const { daemon, file, stateFolder, log } = startDaemon(context);
  await eventually('its state folder', () => existsSync(stateFolder));
  writeFileSync(file, 'log_level: loud\n');
  daemon.kill('SIGHUP');
  await eventually('ready', () => log().includes('portald is ready'));
  await eventually('heeded', () => log().includes('the configuration stays as it was'));
  await end(daemon);
});
