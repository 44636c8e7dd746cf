// From no machine to a running one: begin a generation, request its fleet, adopt what the fleet gives.
import type { ErrorKind } from '../../protocol/errors.ts';
import { addressOf } from './absences.ts';
import { launchWords } from './launch-words.ts';
import type { Observation } from './observation.ts';
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
      const pause = (record.launchNotBefore ?? 0) - now;
      const why = record.launchFailure?.message ?? 'no instance yet';
      if (pause > 0) return waiting(pause, 'waiting to request a spot fleet', why);
      return doing(
        { kind: 'request-fleet', generation: number },
        'requesting a spot fleet',
        worker.request.instanceTypes.join(' or '),
      );
    }
    case 'requested':
      return followFleet(record, worker, observation);
    case 'pending':
      return waiting(500, 'waiting for the instance to run', `${worker.instanceId} is pending`);
    case 'running': {
      if (instanceOf(worker, observation)?.address !== undefined) return undefined;
      const { since = now, answers = 0 } = observation.absences.get(addressOf(worker.instanceId ?? '')) ?? {};
      if (now - since < addressGraceMs || answers < addressAnswers || record.everOpen) {
        return waiting(1000, 'waiting for a public address', `${worker.instanceId} has none yet`);
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
        : waiting(1000, 'waiting for EC2 to show the instance', `${worker.instanceId} is not shown yet`);
  }
}

function beginGeneration(record: PortalRecord, observation: Observation): Decision | undefined {
  const { now } = observation;
  // The next pool is tried only once the last one's fleet is proved empty: fulfilment can race its cancelling.
  if (record.generations.some((one) => one.abandonedAt !== undefined && one.goneAt === undefined)) {
    return waiting(500, 'waiting for the last request to end', 'its pool gave no instance');
  }
  const types = instanceTypes(record);
  const until = restingUntil(record);
  const rested = types.filter((one) => until(one) <= now);
  if (rested.length === 0) {
    const pauseMs = Math.min(...types.map(until)) - now;
    const why = record.launchFailure?.message ?? `none for ${types.join(', ')}`;
    return waiting(
      pauseMs,
      'waiting for spot capacity',
      `${why}; trying again in ${Math.ceil(pauseMs / 1000)} s`,
    );
  }
  const reason = record.everOpen ? 'the last instance is gone or going' : 'the portal is to be open';
  return doing(
    { kind: 'begin-generation', instanceTypes: chosenTypes(record, now) },
    'preparing a launch',
    reason,
  );
}

/** The types to request now: those that do not rest, in any order or the first of them; empty for none. */
export function chosenTypes(record: PortalRecord, now: number): string[] {
  const until = restingUntil(record);
  const rested = instanceTypes(record).filter((one) => until(one) <= now);
  return launchSpecification(record).spot_instance.instance_types_order === 'any'
    ? rested
    : rested.slice(0, 1);
}

function restingUntil(record: PortalRecord): (type: string) => number {
  return (type) =>
    Math.max(0, ...record.unavailable.filter((one) => one.instanceType === type).map((one) => one.until));
}

function followFleet(record: PortalRecord, worker: GenerationRecord, observation: Observation): Decision {
  const { number } = worker;
  const fleet = fleetOf(worker, observation);
  if (fleet === undefined) {
    if (fleetStanding(worker, observation) === 'over') {
      const reason = `EC2 does not know spot fleet ${worker.fleetId} any more`;
      const step = { kind: 'abandon-pool', generation: number, because: 'capacity', reason } as const;
      return doing(step, 'giving the request up', reason);
    }
    const why = observation.cloudDifficulty?.message ?? `${worker.fleetId} is not shown yet`;
    return waiting(500, 'waiting for the spot fleet', why);
  }
  const [instanceId] = fleet.instanceIds;
  if (instanceId !== undefined) {
    return doing({ kind: 'adopt-instance', generation: number, instanceId }, 'noting the instance', fleet.id);
  }
  if (fleetStanding(worker, observation) !== 'active') {
    const reason = `spot fleet ${fleet.id} ended (${fleet.state}) without an instance`;
    const step = { kind: 'abandon-pool', generation: number, because: 'capacity', reason } as const;
    return doing(step, 'giving the request up', reason);
  }
  const { trouble } = fleet;
  const { instanceTypes: types, zone } = worker.request;
  const said = trouble === undefined ? 'AWS tells no reason' : `${trouble.code}: ${trouble.message}`;
  const giveUp = (because: ErrorKind, what: string): Decision =>
    doing({ kind: 'abandon-pool', generation: number, because, reason: said }, what, said);
  const sort = trouble?.sort ?? 'other';
  if (sort === 'capacity' || sort === 'price') {
    const others = instanceTypes(record).filter((one) => !types.includes(one));
    if (others.length > 0) return giveUp(sort, 'trying another instance type');
  }
  if (sort === 'capacity' || sort === 'price' || sort === 'other') {
    // AWS goes on trying for a request; one that came to nothing for so long is made anew.
    if (observation.now - (worker.requestedAt ?? observation.now) > fleetPatienceMs) {
      return giveUp(sort === 'price' ? 'price' : 'capacity', 'giving the request up');
    }
    if (trouble === undefined)
      return waiting(500, 'waiting for a spot instance', `${types.join(' or ')}, ${fleet.id}`);
    const kind = sort === 'other' ? 'configuration' : sort;
    const words = launchWords(kind, types, zone, said);
    const decision = waiting(2000, 'waiting for spot capacity', words.message);
    return { ...decision, trouble: { kind, ...words } };
  }
  if (record.everOpen) return giveUp(sort, 'giving the request up');
  const { message, hint } = launchWords(sort, types, zone, said);
  return fail(record, observation, sort, message, hint);
}

export function instanceTypes(record: PortalRecord): string[] {
  const { instance_type, instance_types } = launchSpecification(record).spot_instance;
  return [...new Set([instance_type, ...(instance_types ?? [])])];
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
