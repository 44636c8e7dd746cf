// The real portalctl, run as a process against a real server with a scripted daemon behind it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openDoor } from '../../daemon/rpc/door.ts';
import { startRpcServer } from '../../daemon/rpc/server.ts';
import { eventually } from '../fixture/eventually.ts';
import { commonEnvironment, programPath } from '../fixture/programs.ts';
import { type RpcFixture, rpcFixture, temporaryFolder } from '../rpc/rpc-fixture.ts';
import { silentLog } from '../rpc/scripted-service.ts';

/** The program under test. */
export const portalctlProgram = programPath('client');

export interface Finished {
  /** Exit code, or the signal's name. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  printed(): Finished;
  /** Waits until it has printed a text on stdout or stderr. */
  sees(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

export interface ClientFixture extends RpcFixture {
  /** The working folder of every run. */
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly start: (...argv: readonly string[]) => Running;
  readonly run: (...argv: readonly string[]) => Promise<Finished>;
}

/** Starts portalctl; it is killed at the end of the test if it still runs. */
export function startPortalctl(
  context: TestContext,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Running {
  const child = spawn(process.execPath, [portalctlProgram, ...argv], {
    cwd: folder,
    env: { ...commonEnvironment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  let exit: number | string = 'running';
  const finished = once(child, 'close').then(([code, signal]: unknown[]): Finished => {
    exit = typeof code === 'number' ? code : String(signal);
    return { exit, stdout, stderr };
  });
  return {
    child,
    printed: () => ({ exit, stdout, stderr }),
    sees: async (text) => {
      await eventually(`"${text}"`, () => {
        if (stdout.includes(text) || stderr.includes(text)) return true;
        if (exit !== 'running') throw new Error(`it ended without "${text}": ${stdout}${stderr}`);
        return false;
      });
    },
    finished,
  };
}

/** Starts a server and gives what is needed to run portalctl against it. */
export async function clientFixture(context: TestContext): Promise<ClientFixture> {
  const fixture = await rpcFixture(context);
  const folder = temporaryFolder(context);
  const configuration = join(folder, 'configuration');
  mkdirSync(join(configuration, 'portald', 'portals'), { recursive: true });
  writeFileSync(join(folder, 'gpu.yaml'), 'spot_instance: {}\n');
  const environment = {
    HOME: folder,
    PORTALD_SOCKET: fixture.path,
    XDG_CONFIG_HOME: configuration,
  };
  const start = (...argv: readonly string[]): Running => startPortalctl(context, argv, environment, folder);
  return { ...fixture, folder, environment, start, run: (...argv) => start(...argv).finished };
}

/** portald again, on the same socket and with the same portals. */
export const restarted = async ({ path, daemon }: ClientFixture) =>
  startRpcServer({
    door: await openDoor(path, {}),
    service: daemon.service,
    volumes: daemon.volumes.service,
    feed: daemon.feed,
    log: silentLog,
    version: '0.0.1',
    newId: () => 'id',
  });
