// portald: what it is made of, and the story of its life.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PortalError } from '../protocol/errors.ts';
import { checkSocketPath, configurationPath, logPath, socketPath, stateFolder } from '../protocol/paths.ts';
import { readArguments } from './arguments.ts';
import { createChannels } from './channel/channels.ts';
import { createDiagnosis } from './diagnosis.ts';
import { createAws } from './ec2/aws.ts';
import { createAwsClock } from './ec2/aws-clock.ts';
import { createBelongings } from './ec2/belongings.ts';
import { createCloud } from './ec2/cloud.ts';
import { createDescribe } from './ec2/describe.ts';
import { createAwsDiagnosis } from './ec2/diagnose.ts';
import { createImageSearch } from './ec2/image-search.ts';
import { createOffers } from './ec2/offers.ts';
import { ownAddress } from './ec2/own-address.ts';
import { createPreflight, openingChecks, thoroughChecks } from './ec2/preflight.ts';
import { createPriceHistory } from './ec2/price-history.ts';
import { createSpotQuotas } from './ec2/service-quotas.ts';
import { createStored } from './ec2/stored.ts';
import { createCloudView } from './ec2/view.ts';
import { createVolumes } from './ec2/volumes.ts';
import { createEventFeed } from './event-feed.ts';
import { createExaminer } from './examine-specification.ts';
import { openConfiguration } from './live-configuration.ts';
import { createLog } from './log.ts';
import { createPortalPrices } from './portal-prices.ts';
import { ensurePrivateFolder, refuseForeignContent } from './private-folder.ts';
import { refusalCode, refusalText } from './refusal-text.ts';
import { hostKeysOfConsole } from './remote/console-host-keys.ts';
import { generateHostKey, seedingUserData } from './remote/host-key.ts';
import { readIdentity } from './remote/identity.ts';
import { createRemote } from './remote/remote.ts';
import { openDoor } from './rpc/door.ts';
import { startRpcServer } from './rpc/server.ts';
import { attend } from './service/attend.ts';
import { createServiceManager } from './service/service-manager.ts';
import { hangUps, nextSignal } from './signals.ts';
import { installationId } from './store/installation.ts';
import { leftFiles } from './store/left-files.ts';
import { takeLock } from './store/lock.ts';
import { openRecords } from './store/records.ts';
import { spendingEarlier } from './store/reserve.ts';
import { startSupervisor } from './supervisor.ts';
import { claimsOf } from './sweep/claims.ts';
import { createOrphans } from './sweep/orphans.ts';
import { createSweep } from './sweep/sweep.ts';
import { startSweeper } from './sweep/sweeper.ts';

const packageFile = findPackageJSON(import.meta.url) ?? '';
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** How long `status` waits for EC2 to tell the account. */
const identityPatienceMs = 2000;

/** When it is first looked for what belongs to no record: sooner when there is a record, and so work for AWS anyway. */
const firstSweepMs = { withRecords: 10_000, withoutRecords: 60_000 };
const sweepEveryMs = 5 * 60_000;
/** How long an end waits for what EC2 was asked; the next portald finds out, as after a crash. */
const endingPatienceMs = 3000;
/** How long something must have belonged to no record before it is ended. */
const orphanGraceMs = 10 * 60_000;

/** Runs portald with the arguments after the program's name; resolves to the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const wanted = readArguments(words, version);
  if ('print' in wanted) {
    process.stdout.write(wanted.print);
    return 0;
  }
  if ('refuse' in wanted) {
    process.stderr.write(wanted.refuse);
    return 2;
  }
  return ('check' in wanted ? check() : run()).catch((error: unknown) => {
    if (!(error instanceof PortalError)) throw error;
    const file = error.problems === undefined ? '' : configurationPath(process.env);
    process.stderr.write(refusalText(error, file));
    return refusalCode(error.kind);
  });
}

/** Whether a portald could be started with this configuration. */
async function check(): Promise<number> {
  await openConfiguration(process.env);
  checkSocketPath(socketPath(process.env), process.platform);
  stateFolder(process.env);
  return 0;
}

/** Lives until a signal; resolves to the exit code. */
async function run(): Promise<number> {
  const environment = process.env;
  const ending = nextSignal();
  const onHangUp = hangUps();
  const manager = createServiceManager(environment, process.pid, () => process.hrtime.bigint() / 1000n);
  process.umask(0o077);

  const configuration = await openConfiguration(environment);
  const { region, profile, log_level: level = 'info' } = configuration.current();
  const place = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const socket = socketPath(environment);
  checkSocketPath(socket, process.platform);

  const state = stateFolder(environment);
  await ensurePrivateFolder(state, 'PORTALD_STATE_DIR');
  await refuseForeignContent(state);
  const lock = await spendingEarlier(state, () => takeLock(state, process.pid));
  try {
    const log = createLog({ level, path: logPath(state) });
    const installation = await installationId(state, randomUUID);
    const { store, records, setAside } = await openRecords(state, String(Date.now()));
    for (const one of setAside)
      log.error(one, 'a damaged record was set aside; its portal is not supervised');

    const unexpected = (error: unknown, doing: string): PortalError => {
      const id = randomBytes(4).toString('hex');
      log.error({ id, err: error, doing }, 'unexpected error');
      return new PortalError('internal', `an unexpected error in ${doing} (log id ${id})`, {
        id,
        cause: error,
      });
    };
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
      delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);

    const randomId = (): string => randomBytes(8).toString('hex');
    const clock = createAwsClock(Date.now, () => performance.now());
    const { now } = clock;
    const aws = createAws({ ...place, environment, clock });
    const over = new AbortController();
    const patience = (): Promise<void> => sleep(identityPatienceMs, over.signal);
    const view = createCloudView({
      describe: createDescribe(aws),
      place: aws.identity,
      installation,
      now,
      sleep: (ms) => sleep(ms, over.signal),
    });
    const remote = createRemote({
      runtimeFolder: join(state, 'run'),
      environment,
      log,
      now,
      random: Math.random,
      metadataIntervalMs: () => (configuration.current().metadata_interval ?? 1) * 1000,
    });
    const channels = createChannels({
      environment,
      runtimeFolder: join(state, 'run'),
      userId: process.getuid?.() ?? -1,
      ownPaths: () => [state, socket, ...supervisor.identityFiles()],
      installsRsync: () => configuration.current().install_rsync === true,
      log,
      now,
    });
    const spotQuotas = createSpotQuotas({ ...place, environment });
    const feed = createEventFeed();
    const cloud = createCloud(aws, installation);
    const asking = { aws, now, sleep, random: Math.random };
    // Another portald may have the socket: before portals are cared for, and served without a pause after it.
    const door = await openDoor(socket, environment);
    const supervisor = startSupervisor(
      {
        feed,
        examiner: createExaminer({
          // Loaded when it is needed: reading YAML doubles the time of a start.
          parse: async (text) =>
            (await import('../protocol/specification/parse.ts')).createSpecificationParser()(text),
          preflight: createPreflight(asking, openingChecks),
          thoroughPreflight: createPreflight(asking, thoroughChecks(ownAddress, spotQuotas)),
          readIdentity: (path) => readIdentity(path, environment),
          home: environment['HOME'] ?? '/',
          ownPaths: [state, socket],
        }),
        identity: () => aws.identity(),
        setAside,
        portal: {
          cloud,
          view,
          connect: remote.connect,
          openChannel: channels.open,
          hostKeys: { generate: generateHostKey, userData: seedingUserData, fromConsole: hostKeysOfConsole },
          save: store.save,
          now,
          earlyReplacementMs: () => (configuration.current().early_replacement ?? 0) * 60_000,
          sleep,
          random: Math.random,
          randomId,
          log,
          unexpected,
        },
      },
      records,
    );

    const belongings = createBelongings(aws, installation, cloud, now);
    const claims = async () => {
      const known = new Set(supervisor.records().map((one) => one.name));
      const left = await leftFiles(state, known);
      return claimsOf(installation, supervisor.records(), left);
    };
    const graceMs = orphanGraceMs;
    const sweep = createSweep({ belongings, claims, now, graceMs, log, said: feed.said });
    const orphans = createOrphans({ belongings, claims, sweep, graceMs, log });

    const volumes = createVolumes({
      aws,
      stored: createStored(aws, installation, supervisor.portalOf),
      installation,
      createdBy: `${environment['USER'] ?? `user ${process.getuid?.()}`}@${hostname()}`.slice(0, 256),
      portals: supervisor,
      remove: (kind, id) => belongings.remove({ kind, id, state: '', tags: {}, origins: [] }),
      randomId,
      now,
      sleep,
    });

    const server = startRpcServer({
      door,
      feed: { ...feed, portals: supervisor.list },
      log,
      version,
      newId: () => randomBytes(4).toString('hex'),
      volumes,
      service: {
        ...supervisor,
        identity: aws.knownIdentity,
        orphans: orphans.list,
        removeOrphans: orphans.remove,
        offers: createOffers(aws, now),
        diagnose: createDiagnosis({
          version,
          diagnoseAws: createAwsDiagnosis({
            aws,
            clock,
            environment,
            wall: Date.now,
            ticks: () => performance.now(),
            askQuota: spotQuotas,
            installation,
            policyFile: join(dirname(packageFile), 'iam-policy.json'),
          }),
          orphans: orphans.list,
          setAside,
          stateFolder: state,
          agentSocket: environment['SSH_AUTH_SOCK'],
        }),
        searchImages: createImageSearch(aws, now),
        prices: createPortalPrices(supervisor.records, createPriceHistory(aws, now)),
        now,
        status: async () => ({
          version,
          pid: process.pid,
          startedAt: new Date(now() - Math.round(process.uptime()) * 1000).toISOString(),
          stateFolder: state,
          logFile: logPath(state),
          // Asking EC2 may take long or fail; what is known by then is shown. An end of portald does not wait for it.
          aws: await Promise.race([aws.identity(), patience().then(aws.knownIdentity)]),
          setAside,
          portals: supervisor.list(),
        }),
      },
    });
    const sweeper = startSweeper({
      sweep,
      firstAfterMs: records.length > 0 ? firstSweepMs.withRecords : firstSweepMs.withoutRecords,
      everyMs: sweepEveryMs,
      sleep,
      log,
    });
    log.info({ socket: server.path, stateFolder: state, portals: records.length }, 'portald is ready');
    const attendance = attend({ manager, feed, portals: supervisor.list, isTicking: supervisor.isTicking });
    onHangUp(() => {
      log.reopen();
      return attendance.reload(() => configuration.reload(log));
    });

    const signal = await ending;
    log.info({ signal }, 'portald ends; portals stay open');
    attendance.stopping();
    const impatient = setTimeout(aws.close, endingPatienceMs);
    await server.close();
    await sweeper.end();
    await supervisor.end();
    channels.close();
    clearTimeout(impatient);
    aws.close();
    over.abort();
    await manager.flush();
    return 0;
  } finally {
    await lock.release();
  }
}
