// From no machine to a running one: begin a generation, request its fleet, adopt what the fleet gives.
import type { ErrorKind } from '../../protocol/errors.ts';
import { addressOf } from './absences.ts';
import { awaiting, pollMs, restMs } from './awaiting.ts';
import type { FleetTrouble } from './cloud.ts';
import { launchWords } from './launch-words.ts';
import type { Observation } from './observation.ts';
import { awaitedByAws, hasOthers, hopeless, launchable, ofPoolOnly } from './pools.ts';
import type { Failure, GenerationRecord, PortalRecord } from './record.ts';
import { launchSpecification } from './reload.ts';
import { doing, fleetOf, fleetStanding, instanceOf, standing, waiting } from './standing.ts';
import type { Decision } from './steps.ts';

/** EC2 may show the address a moment after `running`; without one for so long, in so many answers, there is none. */
const addressGraceMs = 15_000;
const addressAnswers = 5;
/** How long a fleet may go on without an instance before it is cancelled and requested anew. */
const fleetPatienceMs = 10 * 60_000;

export function decideLaunch(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  if (observation.cloudDifficulty?.kind === 'account-mismatch') {
    return waiting(5000, 'waiting for the right account', observation.cloudDifficulty.message);
  }
  if (worker === undefined) return beginGeneration(record, observation);
  const { number } = worker;
  const { now, cloud } = observation;
  switch (standing(worker, observation)) {
    case 'unrequested': {
      const { unanswered } = worker;
      if (unanswered !== undefined && unanswered.notBefore > now)
        return waiting(
          unanswered.notBefore - now,
          'waiting to request the spot fleet again',
          unanswered.message,
        );
      return doing(
        { kind: 'request-fleet', generation: number },
        'requesting a spot fleet',
        worker.request.instanceTypes.join(' or '),
      );
    }
    case 'requested':
      return followFleet(record, worker, observation);
    case 'pending':
      return awaiting(observation, 'instance to run', worker.instanceId ?? '', {
        what: 'waiting for the instance to run',
        reason: `${worker.instanceId} is pending`,
      });
    case 'running': {
      if (instanceOf(worker, observation)?.address !== undefined) return undefined;
      const { since = now, answers = 0 } = observation.absences.get(addressOf(worker.instanceId ?? '')) ?? {};
      if (now - since < addressGraceMs || answers < addressAnswers || record.everOpen) {
        return awaiting(observation, 'public address', worker.instanceId ?? '', {
          what: 'waiting for a public address',
          reason: `${worker.instanceId} has none yet`,
        });
      }
      return fail(
        record,
        observation,
        'no-public-address',
        `instance ${worker.instanceId} has no public IP address`,
        'let the subnet assign public IPv4 addresses, or name another subnet_id',
      );
    }
    default:
      return cloud === undefined
        ? waiting(1000, 'waiting for EC2', observation.cloudDifficulty?.message ?? 'EC2 has not answered yet')
        : awaiting(observation, 'instance to be shown', worker.instanceId ?? '', {
            what: 'waiting for EC2 to show the instance',
            reason: `${worker.instanceId} is not shown yet`,
          });
  }
}

function beginGeneration(record: PortalRecord, observation: Observation): Decision | undefined {
  const { now } = observation;
  // The next pool is tried only once the last one's fleet is proved empty: fulfilment can race its cancelling.
  if (record.generations.some((one) => one.abandonedAt !== undefined && one.goneAt === undefined)) {
    // How soon that is looked for, its cleaning decides.
    return waiting(restMs, 'waiting for the last request to end', 'its pool gave no instance');
  }
  const specification = launchSpecification(record);
  const prospect = record.everOpen ? undefined : hopeless(specification, record.pools);
  if (prospect !== undefined) {
    const { kind, message, hint = '' } = prospect;
    return fail(record, observation, kind, message, hint);
  }
  const launch = launchable(specification, record.pools, now);
  if ('first' in launch)
    return waiting(launch.first.until - now, 'waiting to launch again', launch.first.message);
  const reason = record.everOpen ? 'the last instance is gone or going' : 'the portal is to be open';
  return doing({ kind: 'begin-generation', instanceTypes: launch.types }, 'preparing a launch', reason);
}

function followFleet(record: PortalRecord, worker: GenerationRecord, observation: Observation): Decision {
  const { number } = worker;
  const fleet = fleetOf(worker, observation);
  if (fleet === undefined) {
    if (fleetStanding(worker, observation) === 'over') {
      const reason = `EC2 does not know spot fleet ${worker.fleetId} any more`;
      const step = { kind: 'abandon-pool', generation: number, because: 'ended-early', reason } as const;
      return doing(step, 'giving the request up', reason);
    }
    const why = observation.cloudDifficulty?.message ?? `${worker.fleetId} is not shown yet`;
    return awaiting(observation, 'fleet to be shown', worker.fleetId ?? '', {
      what: 'waiting for the spot fleet',
      reason: why,
    });
  }
  const [instanceId] = fleet.instanceIds;
  if (instanceId !== undefined) {
    return doing({ kind: 'adopt-instance', generation: number, instanceId }, 'noting the instance', fleet.id);
  }
  if (fleetStanding(worker, observation) !== 'active') {
    const reason = `spot fleet ${fleet.id} ended (${fleet.state}) without an instance`;
    const step = { kind: 'abandon-pool', generation: number, because: 'ended-early', reason } as const;
    return doing(step, 'giving the request up', reason);
  }
  const { trouble } = fleet;
  const { instanceTypes: types, zone } = worker.request;
  const said = trouble === undefined ? 'AWS tells no reason' : `${trouble.code}: ${trouble.message}`;
  const giveUp = (because: ErrorKind, what: string): Decision =>
    doing({ kind: 'abandon-pool', generation: number, because, reason: said }, what, said);
  const kind = kindOf(trouble?.sort ?? 'other');
  const specification = launchSpecification(record);
  if (awaitedByAws.has(kind) && hasOthers(specification, record.pools, types, observation.now))
    return giveUp(kind, 'trying another instance type');
  if (awaitedByAws.has(kind) || trouble === undefined || trouble.sort === 'other') {
    // AWS goes on trying for a request; one that came to nothing for so long is made anew.
    if (observation.now - (worker.requestedAt ?? observation.now) > fleetPatienceMs)
      return giveUp(awaitedByAws.has(kind) ? kind : 'capacity', 'giving the request up');
    if (trouble === undefined)
      return waiting(
        pollMs(observation.now - (worker.requestedAt ?? observation.now)),
        'waiting for a spot instance',
        `${types.join(' or ')}, ${fleet.id}`,
      );
    const words = launchWords(kind, types, zone, said);
    const decision = waiting(2000, 'waiting for spot capacity', words.message);
    return { ...decision, trouble: { kind, ...words } };
  }
  if (record.everOpen || ofPoolOnly.has(kind)) return giveUp(kind, 'giving the request up');
  const { message, hint } = launchWords(kind, types, zone, said);
  return fail(record, observation, kind, message, hint);
}

function kindOf(sort: FleetTrouble['sort']): ErrorKind {
  return sort === 'other' ? 'configuration' : sort;
}

function fail(
  record: PortalRecord,
  observation: Observation,
  kind: Failure['kind'],
  message: string,
  hint: string,
): Decision {
  const failure = { kind, message, hint, at: observation.now };
  return doing({ kind: 'fail', failure }, `giving up opening ${record.name}`, message);
}
