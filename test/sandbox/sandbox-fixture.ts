// The fixture of the sandbox's tests: starts the real program in a fresh folder, and speaks to it as its users do.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import {
  DescribeInstancesCommand,
  EC2Client,
  EC2ServiceException,
  type Instance,
  RequestSpotFleetCommand,
  type RequestSpotFleetRequest,
} from '@aws-sdk/client-ec2';
import ssh2 from 'ssh2';
import { generateEd25519 } from '../../daemon/remote/ssh2.ts';
import { eventually } from '../fixture/eventually.ts';
import { programPath } from '../fixture/programs.ts';

export const zone = 'eu-central-1a';
export const role = 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role';

/** Short delays, so that the whole suite stays short. */
export const quick = {
  fleetFulfil: 50,
  fleetRetry: 100,
  pendingToRunning: 100,
  cloudInit: 50,
  consoleOutput: 0,
  attach: 50,
  detach: 50,
  terminate: 50,
  createVolume: 20,
  modifyVolume: 50,
  snapshot: 50,
};

export type Ready = {
  endpoint: string;
  control: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sshPort: number;
};

export type SandboxFixture = {
  ready: Ready;
  folder: string;
  program: ChildProcess;
  ec2: EC2Client;
  keyFile: string;
  /** A client of the same endpoint with other settings. */
  client(settings: Partial<ConstructorParameters<typeof EC2Client>[0]>): EC2Client;
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Launches one instance and waits until it runs. */
  launch(
    change?: Partial<RequestSpotFleetRequest['SpotFleetRequestConfig']>,
  ): Promise<{ fleetId: string; instance: Instance }>;
  /** Runs the OpenSSH client against an instance, retrying while cloud-init has not run. */
  ssh(instance: Instance, command: string): Promise<{ code: number; out: string; err: string }>;
};

/** The words that start the program. */
export const programWords = [programPath('sandbox')];

/** Whose end ends what was started: a test, or the file of `endOfFile`. */
export interface Owner {
  after(end: () => unknown): void;
}

/** For one sandbox of all tests of a file that do not disturb each other, started before the first of them. */
export function endOfFile(): Owner {
  const ends: (() => unknown)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });
  return { after: (end) => ends.push(end) };
}

/** Starts a sandbox that ends with its owner. `world` is merged over a world with short delays and a key pair `k`. */
export async function startSandbox(
  owner: Owner,
  world: Record<string, unknown> = {},
): Promise<SandboxFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  const keys = generateEd25519();
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, keys.privateKey, { mode: 0o600 });
  const delays = { ...quick, ...(typeof world.delays === 'object' ? world.delays : {}) };
  const merged = { keyPairs: [{ name: 'k', publicKey: keys.publicKey }], ...world, delays };
  await writeFile(join(folder, 'world.json'), JSON.stringify(merged));
  const words = [...programWords, '--state', join(folder, 'state'), '--world', join(folder, 'world.json')];
  const program = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  program.stderr.on('data', (data: Buffer) => {
    log += data.toString();
  });
  owner.after(async () => {
    if (program.exitCode === null && program.signalCode === null) {
      program.kill('SIGTERM');
      await once(program, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  const lines = createInterface(program.stdout);
  const first = await Promise.race([once(lines, 'line'), once(program, 'exit').then(() => [])]);
  assert.ok(typeof first[0] === 'string', `the sandbox did not start: ${log}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program documents
  const ready = JSON.parse(first[0]) as Ready;
  const client: SandboxFixture['client'] = (settings) => {
    const made = new EC2Client({
      endpoint: ready.endpoint,
      region: ready.region,
      credentials: ready,
      ...settings,
    });
    owner.after(() => made.destroy());
    return made;
  };
  const ec2 = client({});
  const fixture: SandboxFixture = {
    ready,
    folder,
    program,
    ec2,
    keyFile,
    client,
    control: async (method, path, body) => {
      const response = await fetch(`${ready.control}/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every answer is an object
      return (await response.json()) as Record<string, unknown>;
    },
    launch: async (change) => {
      const request = new RequestSpotFleetCommand({ SpotFleetRequestConfig: { ...fleetOf(), ...change } });
      const { SpotFleetRequestId: fleetId = '' } = await ec2.send(request);
      const instance = await eventually('the instance runs', async () => {
        const found = await instancesOfFleet(ec2, fleetId);
        return found.find((known) => known.State?.Name === 'running');
      });
      return { fleetId, instance };
    },
    ssh: (instance, command) =>
      eventually('SSH lets us in', async () => {
        const result = await run('ssh', [
          ...sshOptions(fixture),
          `ubuntu@${instance.PublicIpAddress}`,
          command,
        ]);
        return result.code === 255 && result.err.includes('Permission denied') ? undefined : result;
      }),
  };
  return fixture;
}

/** A fleet of one instance. */
export function fleetOf(): NonNullable<RequestSpotFleetRequest['SpotFleetRequestConfig']> {
  return {
    IamFleetRole: role,
    TargetCapacity: 1,
    Type: 'request',
    AllocationStrategy: 'priceCapacityOptimized',
    LaunchSpecifications: [
      {
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 'm5.large',
        KeyName: 'k',
        Placement: { AvailabilityZone: zone },
        SecurityGroups: [{ GroupId: 'sg-0123456789abcdef0' }],
      },
    ],
  };
}

/** The fleet's instances, found by AWS's tag. */
export async function instancesOfFleet(ec2: EC2Client, fleetId: string): Promise<Instance[]> {
  const Filters = [{ Name: 'tag:aws:ec2spot:fleet-request-id', Values: [fleetId] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap((reservation) => reservation.Instances ?? []);
}

/** OpenSSH options that reach the fixture's instances. */
export function sshOptions(fixture: SandboxFixture): string[] {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'BatchMode=yes',
  ];
  return [
    '-F',
    'none',
    '-p',
    String(fixture.ready.sshPort),
    '-i',
    fixture.keyFile,
    ...options.flatMap((option) => ['-o', option]),
  ];
}

/** Runs a program to its end. */
export async function run(
  name: string,
  words: string[],
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(name, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => {
    texts.out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    texts.err += data.toString();
  });
  await once(child, 'close');
  return { code: child.exitCode ?? -1, ...texts };
}

/** AWS's code of a refusal. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    if (error instanceof EC2ServiceException) return error.name;
    throw error;
  }
}

/** A connection by ssh2, for what the OpenSSH client does not do. The caller ends it. */
export async function connect(fixture: SandboxFixture, instance: Instance): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  client.connect({
    host: instance.PublicIpAddress ?? '',
    port: fixture.ready.sshPort,
    username: 'ubuntu',
    privateKey: await readFile(fixture.keyFile),
  });
  await once(client, 'ready');
  return client;
}
