// The composition root of `portal-sandbox`: arguments, requirements, world, region, the HTTP server, the end.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { findPackageJSON } from 'node:module';
import { catalogueActions } from './api/catalogue.ts';
import { fleetActions } from './api/fleets.ts';
import type { TokenMemory } from './api/idempotency.ts';
import { instanceActions } from './api/instances.ts';
import { apiHandler, type JournalEntry } from './api/server.ts';
import { isForServiceQuotas, serviceQuotasHandler } from './api/service-quotas.ts';
import { tagActions } from './api/tags.ts';
import { throttle } from './api/throttle.ts';
import { volumeActions } from './api/volumes.ts';
import { help, readArguments, usage } from './arguments.ts';
import { chance, streams } from './chance.ts';
import type { Cloud } from './cloud/cloud.ts';
import { disks } from './cloud/disks.ts';
import { followInstance } from './cloud/fleets.ts';
import { hosts } from './cloud/hosts.ts';
import { initialCapacity, initialPrices } from './cloud/market.ts';
import { createVolume } from './cloud/volumes.ts';
import { controlHandler } from './control/control.ts';
import { faults } from './control/faults.ts';
import { ledger } from './ledger.ts';
import { listen, reservePort } from './listen.ts';
import { logTo, sentenceOf } from './log.ts';
import { missingRequirement } from './machine/requirements.ts';
import { makeToolbox } from './machine/toolbox.ts';
import { schedule } from './schedule.ts';
import { prepareStateFolder } from './state-folder.ts';
import { loadWorld } from './world/load.ts';

/** Runs the program until a signal ends it. Sets the exit code: 0 ended, 1 cannot start, 2 wrong use. */
export async function main(words: readonly string[]): Promise<void> {
  const given = readArguments(words);
  if (given.kind === 'help') {
    process.stdout.write(help);
    return;
  }
  if (given.kind === 'version') {
    process.stdout.write(`portal-sandbox ${version()}\n`);
    return;
  }
  if (given.kind === 'error') return complain(2, `${given.error}\n${usage}\nSee portal-sandbox --help`);
  const missing = process.platform === 'linux' ? missingRequirement() : undefined;
  if (missing !== undefined) return complain(1, missing);
  try {
    await run(given.stateFolder, given.port, given.worldFile);
  } catch (error) {
    complain(1, sentenceOf(error));
  }
}

async function run(stateFolder: string, port: number, worldFile: string | undefined): Promise<void> {
  const log = logTo(process.stderr, Date.now);
  const time = schedule((error) => log('task failed', { error: sentenceOf(error) }));
  const { world, keyPairs } = await loadWorld(worldFile);
  const folders = await prepareStateFolder(stateFolder);
  if (process.platform === 'linux') await makeToolbox(folders.toolbox, world.packages);
  const sshPort = await reservePort(world.sshPort);
  const volumeDisks = disks(folders.disks);
  const machines = hosts({
    folder: folders.instances,
    toolbox: folders.toolbox,
    user: world.sshUser,
    sshPort: sshPort.port,
    disks: volumeDisks,
  });
  const cloud: Cloud = {
    region: {
      world,
      keyPairs,
      volumes: new Map(),
      snapshots: new Map(),
      instances: new Map(),
      fleets: new Map(),
      spotRequests: new Map(),
      prices: initialPrices(world, time.now()),
      capacity: initialCapacity(world),
      shortLived: new Map(),
    },
    schedule: time,
    ledger: ledger(time.now),
    disks: volumeDisks,
    hosts: machines,
    log,
    ids: chance(world.seed, 'ids'),
    delays: streams(world.seed),
    noise: chance(world.seed, 'noise'),
    instanceEnded: (fleet, instance) => followInstance(cloud, fleet, instance),
  };
  for (const { formatted, tags, ...wish } of world.volumes) {
    const volume = createVolume(cloud, {
      ...wish,
      type: 'gp3',
      tags: Object.entries(tags),
      formatted: formatted === 'ext4',
    });
    volume.visibleAtMs = 0;
  }
  const tokens: TokenMemory = new Map();
  const journal: JournalEntry[] = [];
  const rules = faults(chance(world.seed, 'faults'));
  const actions = {
    ...fleetActions(tokens),
    ...instanceActions,
    ...volumeActions(tokens),
    ...tagActions,
    ...catalogueActions,
  };
  const api = apiHandler({ cloud, actions, faults: rules, throttle: throttle(world.throttle), journal });
  const quotas = serviceQuotasHandler(cloud);
  const control = controlHandler({ cloud, faults: rules, journal });
  // Kept longer than clients keep them: a reset on an idle connection would look like a fault that nobody ordered.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const ec2 = isForServiceQuotas(request) ? quotas : api;
    const handle = request.url?.startsWith('/_sandbox') ? control : ec2;
    handle(request, response).catch((error: unknown) => {
      log('request failed', { error: sentenceOf(error) });
      response.destroy();
    });
  });
  const endpoint = `http://127.0.0.1:${await listen(server, port, '--port')}`;
  const end = async (signal: string) => {
    log('ending', { signal });
    time.end();
    sshPort.holder.close();
    server.close();
    server.closeAllConnections();
    await machines.endAll();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void end(signal));
  process.once('SIGINT', (signal) => void end(signal));
  const { accessKeyId, secretAccessKey } = world.credentials[0] ?? {};
  const ready = {
    ready: true,
    endpoint,
    control: `${endpoint}/_sandbox`,
    region: world.region,
    accessKeyId,
    secretAccessKey,
    sshPort: sshPort.port,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function version(): string {
  const text = readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function complain(code: number, sentence: string): void {
  process.stderr.write(`portal-sandbox: ${sentence}\n`);
  process.exitCode = code;
}
