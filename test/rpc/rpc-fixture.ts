// A real server on a real socket in a fresh folder, with clients, all ended with the test.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openDoor } from '../../daemon/rpc/door.ts';
import { type RpcServer, type RpcServerOptions, startRpcServer } from '../../daemon/rpc/server.ts';
import { type RawClient, rawClient } from './raw-client.ts';
import { keepingLog, type ScriptedDaemon, scriptedDaemon } from './scripted-service.ts';

/** A folder of mode 0700, removed after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  chmodSync(folder, 0o700);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface RpcFixture {
  readonly daemon: ScriptedDaemon;
  readonly server: RpcServer;
  readonly path: string;
  readonly log: ReturnType<typeof keepingLog>;
  readonly connect: () => Promise<RawClient>;
}

/** Starts a server over a scripted daemon; everything ends with the test. */
export async function rpcFixture(
  context: TestContext,
  {
    path = join(temporaryFolder(context), 'portald.sock'),
    ...more
  }: Partial<RpcServerOptions> & { path?: string } = {},
): Promise<RpcFixture> {
  const daemon = scriptedDaemon();
  const log = keepingLog();
  let errors = 0;
  const server = startRpcServer({
    door: await openDoor(path, {}),
    service: daemon.service,
    volumes: daemon.volumes.service,
    feed: daemon.feed,
    log,
    version: '0.0.1',
    newId: () => `error-${++errors}`,
    ...more,
  });
  context.after(() => server.close());
  return {
    daemon,
    server,
    path,
    log,
    async connect() {
      const client = await rawClient(path);
      context.after(() => client.socket.destroy());
      return client;
    },
  };
}
