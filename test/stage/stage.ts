// A stage for the real three programs: a folder, a sandbox, a daemon, a client, keys and a specification with every
// field. The demo plays on it, and so do the integration tests. Nothing of it outlives it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo } from '../../client/connection.ts';
import type { MethodName, MethodParameters, MethodResults } from '../../protocol/methods.ts';
import { startKeeper } from './keeper.ts';
import {
  commonEnvironment,
  type Environment,
  type Finished,
  firstLine,
  programPath,
  runToEnd,
} from './programs.ts';
import { createSandboxControl, type SandboxControl } from './sandbox-control.ts';
import { type ExampleSpecification, exampleSpecification } from './specification.ts';

interface SandboxReady {
  readonly endpoint: string;
  readonly control: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sshPort: number;
}

export interface Stage {
  readonly folder: string;
  /** The user's working folder: gpu.yaml, key, code/, results/. */
  readonly project: string;
  readonly control: SandboxControl;
  readonly sandbox: SandboxReady;
  readonly environment: Environment;
  /** Writes `NAME.json` from the example, changed as wished. */
  specify(name: string, change?: (example: ExampleSpecification) => unknown): void;
  /** Starts portald and waits until it is ready; `milliseconds` is how long that took. */
  startPortald(
    environment?: Environment,
  ): Promise<{ process: ChildProcess; milliseconds: number; log: () => string }>;
  portalctl(words: readonly string[], environment?: Environment): Promise<Finished>;
  /** Calls a method of portald over its socket; rejects with a PortalError, `no-daemon` if it does not answer. */
  ask<M extends MethodName>(method: M, params: MethodParameters[M]): Promise<MethodResults[M]>;
  /** The words by which the user would reach the instance at `address`; a command may follow. */
  ssh(address: string): readonly [string, ...string[]];
  /** Runs a command on the instance at `address` as the user would, by OpenSSH. */
  onInstance(address: string, command: string): Promise<Finished>;
  keep(child: ChildProcess): void;
  end(): Promise<void>;
}

/** What a world file of the sandbox may hold, as far as a stage knows of it. */
export interface World {
  readonly delays?: object;
  readonly [field: string]: unknown;
}

/** Short, so that a test is short. In milliseconds, by their names in the sandbox's world file. */
const shortDelays = {
  fleetFulfil: 50,
  fleetRetry: 200,
  pendingToRunning: 100,
  cloudInit: 100,
  consoleOutput: 0,
  attach: 50,
  detach: 50,
  terminate: 100,
  createVolume: 20,
  modifyVolume: 50,
  snapshot: 50,
};

/** The sandbox's own, for what shows how long something takes. */
export const ownDelays = {};

/** `world` is merged over the stage's own world file of the sandbox, its `delays` over `delays`. */
export async function setStage(
  prefix: string,
  world: World = {},
  delays: object = shortDelays,
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const keeper = startKeeper(folder);
  try {
    return await furnish(folder, { ...world, delays: { ...delays, ...world.delays } }, keeper);
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

async function furnish(
  folder: string,
  world: object,
  keeper: ReturnType<typeof startKeeper>,
): Promise<Stage> {
  const project = join(folder, 'project');
  for (const name of ['project/code', 'project/results', 'runtime', 'home']) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  }
  const base: Environment = {
    ...commonEnvironment,
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    PORTALD_STATE_DIR: join(folder, 'state'),
    PORTALD_SOCKET: join(folder, 'runtime', 'portald.sock'),
    PORTALD_CONFIG: join(folder, 'config.yaml'),
  };
  await makeKey(join(project, 'key'), base);
  const publicKey = readFileSync(join(project, 'key.pub'), 'utf8').trim();
  const worldFile = join(folder, 'world.json');
  writeFileSync(join(folder, 'config.yaml'), '');
  writeFileSync(worldFile, JSON.stringify({ ...defaultWorld(publicKey), ...world }));

  const child = spawn(
    process.execPath,
    [programPath('sandbox'), '--state', join(folder, 'sandbox'), '--world', worldFile],
    { env: { ...base }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  keeper.keep(child);
  const sandbox = await firstLine(child, child.stdout, (value) =>
    (value as { ready?: boolean }).ready === true ? (value as SandboxReady) : undefined,
  );
  child.stdout.resume();
  const lastWords: string[] = [];
  child.stderr.on('data', (bytes: Buffer) => {
    lastWords.push(bytes.toString());
    if (lastWords.length > 200) lastWords.shift();
  });
  child.once('exit', (code, signal) => {
    // Ended by nobody of ours, it makes every test on this stage fail for a reason that none of them can tell.
    if (!keeper.isEnding()) console.error(`the sandbox ended (${code ?? signal}): ${lastWords.join('')}`);
  });

  const environment: Environment = {
    ...base,
    AWS_ENDPOINT_URL_EC2: sandbox.endpoint,
    AWS_ENDPOINT_URL_SERVICE_QUOTAS: sandbox.endpoint,
    AWS_REGION: sandbox.region,
    AWS_ACCESS_KEY_ID: sandbox.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sandbox.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };

  const ssh: Stage['ssh'] = (address) => [
    'ssh',
    ...sshOptions(project, sandbox.sshPort),
    `ubuntu@${address}`,
  ];
  return {
    folder,
    project,
    sandbox,
    environment,
    control: createSandboxControl(sandbox.control),
    keep: keeper.keep,
    specify(name, change = (example) => example) {
      const text = JSON.stringify(
        change(exampleSpecification(sandbox.region, sandbox.sshPort)),
        undefined,
        2,
      );
      writeFileSync(join(project, `${name}.json`), `${text}\n`);
    },
    async startPortald(more = {}) {
      const began = performance.now();
      const daemon = spawn(process.execPath, [programPath('daemon')], {
        env: { ...environment, ...more },
        cwd: project,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      keeper.keep(daemon);
      let log = '';
      daemon.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()));
      const milliseconds = await firstLine(daemon, daemon.stdout, (value) =>
        (value as { msg?: string }).msg === 'portald is ready' ? performance.now() - began : undefined,
      );
      return { process: daemon, milliseconds, log: () => log };
    },
    portalctl: (words, more = {}) =>
      runToEnd(process.execPath, [programPath('client'), ...words], {
        env: { ...environment, ...more },
        cwd: project,
        started: keeper.keep,
      }),
    async ask(method, params) {
      const connection = await connectTo(base['PORTALD_SOCKET'] ?? '');
      try {
        return await connection.call(method, params);
      } finally {
        connection.close();
      }
    },
    ssh,
    onInstance(address, command) {
      const [program, ...words] = ssh(address);
      return runToEnd(program, [...words, command], { env: base });
    },
    end: keeper.end,
  };
}

async function makeKey(path: string, env: Environment): Promise<void> {
  const made = await runToEnd('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'stage', '-f', path], {
    env,
  });
  if (made.code !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
}

function sshOptions(project: string, port: number): string[] {
  const quiet = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  return ['-F', 'none', '-i', join(project, 'key'), '-p', String(port), '-o', 'BatchMode=yes', ...quiet];
}

function defaultWorld(publicKey: string): object {
  return {
    keyPairs: [{ name: 'laptop', publicKey }],
    volumes: [
      { volumeId: 'vol-0123456789abcdef0', zone: 'eu-central-1a', sizeGiB: 8, formatted: 'ext4' },
      { volumeId: 'vol-0fedcba9876543210', zone: 'eu-central-1b', sizeGiB: 8, formatted: 'ext4' },
    ],
  };
}
