// The end of every generation that is not the portal's any more: its instance, its fleet, then its place on record.
import { awaiting } from './awaiting.ts';
import type { Observation } from './observation.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import {
  attachedTo,
  doing,
  firstAction,
  fleetOf,
  fleetStanding,
  spareOf,
  standing,
  strays,
  waiting,
} from './standing.ts';
import type { Decision } from './steps.ts';

export function decideCleaning(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  return firstAction(observation, [
    ...record.generations
      .filter((one) => one !== worker && one !== spareOf(record))
      .map((one) => () => clean(record, one, worker, observation)),
    () => endStrays(record, observation),
  ]);
}

/** What carries our tags and stands in no generation is a leak, except while a request's answer is still due. */
export function endStrays(record: PortalRecord, observation: Observation): Decision | undefined {
  if (record.generations.some((one) => one.goneAt === undefined && one.instanceId === undefined))
    return undefined;
  const reason = "it carries this portal's tags and belongs to no generation";
  return firstAction(
    observation,
    strays(record, observation).map(
      ({ id }) =>
        () =>
          doing({ kind: 'terminate-instance', instanceId: id, reason }, `terminating ${id}`, reason),
    ),
  );
}

function clean(
  record: PortalRecord,
  generation: GenerationRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  if (generation.goneAt !== undefined) return retire(record, generation, observation);
  if (generation.abandonedAt !== undefined) return end(generation, observation, unused);
  // With the volumes still on it, it is not ended: the move takes them away first. While they are on their way to the
  // next instance nothing else is done: the user waits for them, and a machine that is taken back costs no more.
  // One that takes the place of its own successor, the account having room for one only, is ended once it has let go.
  const isRoomWanted = record.pools.some((one) => one.kind === 'quota');
  const inTheWay = isRoomWanted && worker?.instanceId === undefined;
  const moving = generation.releasedAt === undefined || (worker !== undefined && !inTheWay);
  // That it may have them mounted is known from the record: an answer of EC2 may leave an attachment out.
  const mayHaveMounted = generation.mountingAt !== undefined && generation.releasedAt === undefined;
  const holds = (generation.number === record.holder && moving) || mayHaveMounted;
  if (holds || observation.cloud === undefined || attachedTo(generation, record, observation).length > 0) {
    return undefined;
  }
  return end(generation, observation, unused);
}

const unused = 'its place is taken or no longer wanted';

/** Ends the fleet and the instance of a generation, whatever state they are in, until EC2 shows them gone. */
export function end(
  generation: GenerationRecord,
  observation: Observation,
  reason: string,
): Decision | undefined {
  const { number, instanceId } = generation;
  switch (standing(generation, observation)) {
    case 'unrequested':
      if (observation.cloud === undefined) return waitingForCloud(observation);
      // A request whose outcome is unknown is repeated with its token, to learn of the fleet that it may have made.
      return generation.requestedAt === undefined
        ? doing(
            { kind: 'note-gone', generation: number, reason: 'never requested' },
            'forgetting the launch',
            '',
          )
        : doing(
            { kind: 'request-fleet', generation: number },
            'finding the fleet',
            'its request had no answer',
          );
    case 'requested': {
      const fleet = fleetOf(generation, observation);
      const [launched] = fleet?.instanceIds ?? [];
      if (launched !== undefined) {
        const step = { kind: 'adopt-instance', generation: number, instanceId: launched } as const;
        return doing(step, `noting ${launched}`, 'it was launched before the request was cancelled');
      }
      return (
        endFleet(generation, observation) ??
        doing(
          { kind: 'note-gone', generation: number, reason: 'no instance came of it' },
          'noting the end',
          '',
        )
      );
    }
    case 'pending':
    case 'running': {
      if (instanceId === undefined) return undefined;
      // A fleet that is still active could launch another one. One that cannot be cancelled keeps no instance running; nor
      // does one that EC2 goes on showing as active after it was.
      const steps = [
        () =>
          fleetStanding(generation, observation) === 'active' ? endFleet(generation, observation) : undefined,
        () => doing({ kind: 'terminate-instance', instanceId, reason }, `terminating ${instanceId}`, reason),
      ];
      return firstAction(observation, generation.fleetCancelledAt === undefined ? steps : steps.toReversed());
    }
    case 'gone':
      return undefined;
    case 'stopped': {
      if (instanceId === undefined) return undefined;
      const stopped = `${instanceId} is stopped, and does not start again by itself`;
      return doing(
        { kind: 'terminate-instance', instanceId, reason: stopped },
        `terminating ${instanceId}`,
        stopped,
      );
    }
    default:
      return awaiting(observation, 'instance to end', instanceId ?? '', {
        what: `waiting for ${instanceId} to end`,
        reason: observation.cloudDifficulty?.message ?? 'EC2 is ending it',
      });
  }
}

/** A generation leaves the record only when neither its fleet nor an attachment of a volume to it is left. */
export function retire(
  record: PortalRecord,
  generation: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (observation.cloud === undefined) return undefined;
  const ending = generation.fleetId === undefined ? undefined : endFleet(generation, observation);
  if (ending !== undefined) return ending;
  if (attachedTo(generation, record, observation).length > 0) return undefined;
  const { number } = generation;
  return doing(
    { kind: 'retire-generation', generation: number },
    'done with the old instance',
    `generation ${number}`,
  );
}

/** Cancels the generation's fleet and waits until EC2 shows it ended; undefined once it is. */
function endFleet(
  { number, fleetId = '', ...rest }: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  switch (fleetStanding({ number, fleetId, ...rest }, observation)) {
    case 'active':
      return doing({ kind: 'cancel-fleet', generation: number, fleetId }, 'cancelling the fleet', fleetId);
    case 'ending':
      return awaiting(observation, 'fleet to end', fleetId, {
        what: 'waiting for the fleet to end',
        reason: fleetId,
      });
    case 'unknown':
      return awaiting(observation, 'fleet to be shown', fleetId, {
        what: 'waiting for EC2',
        reason: observation.cloudDifficulty?.message ?? `${fleetId} is not shown`,
      });
    case 'over':
      return undefined;
  }
}

function waitingForCloud({ cloudDifficulty }: Observation): Decision {
  return waiting(1000, 'waiting for EC2', cloudDifficulty?.message ?? 'EC2 has not answered yet');
}
