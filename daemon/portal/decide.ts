// From what is on record and what is observed to the one step to be taken next. Pure: no clock, no chance, no call.

import { isForgotten } from './absences.ts';
import { type CloudInstance, fleetTag, tagNames } from './cloud.ts';
import { decideClose } from './decide-close.ts';
import { decideOpen } from './decide-open.ts';
import type { Observation } from './observation.ts';
import type { Failure, GenerationRecord, Notice, PortalRecord } from './record.ts';
import { doing, isConnected, rested, seen } from './standing.ts';
import type { Decision } from './steps.ts';

/** AWS gives two minutes between the spot request's new status and the end of the instance. */
const noticeMs = 120_000;
/** Of AWS's own notices none is longer, and clocks differ. */
const longestNoticeMs = 5 * noticeMs;

/** The metadata tell whole seconds. */
const deadlineToleranceMs = 1000;

/** Status codes of a spot request whose instance is about to go while it still runs. */
const doomedStatus = new Set([
  'marked-for-termination',
  'marked-for-stop',
  'marked-for-stop-by-experiment',
  'marked-for-termination-by-experiment',
  'instance-terminated-no-capacity',
  'instance-terminated-capacity-oversubscribed',
  'instance-terminated-by-price',
  'instance-terminated-launch-group-constraint',
  'instance-stopped-no-capacity',
  'instance-stopped-capacity-oversubscribed',
  'instance-stopped-by-price',
]);

export function decide(record: PortalRecord, observation: Observation): Decision {
  const decision =
    noteNews(record, observation) ??
    adoptTagged(record, observation) ??
    (record.wish === 'open' ? decideOpen(record, observation) : decideClose(record, observation));
  return rested(decision, observation);
}

/** Writes down what cannot be learnt a second time, before anything else is done. */
function noteNews(record: PortalRecord, observation: Observation): Decision | undefined {
  for (const generation of record.generations) {
    if (generation.goneAt !== undefined) continue;
    const { number } = generation;
    const link = seen(generation, observation)?.link;
    if (link?.hostKey !== undefined && generation.hostKeys.length === 0) {
      return doing(
        { kind: 'pin-host-key', generation: number, hostKey: link.hostKey },
        'pinning the host key',
        'first use of this instance',
      );
    }
    if (generation.hostKeyDisprovedAt !== undefined && record.wish === 'open') {
      return doing(
        { kind: 'fail', failure: falseMachine(generation) },
        'ending everything',
        'a false machine',
      );
    }
    const reason = goneReason(generation, observation);
    if (reason !== undefined) {
      return doing(
        { kind: 'note-gone', generation: number, reason },
        'noting the end of the instance',
        reason,
      );
    }
    const notice = noticeOf(generation, observation);
    if (record.wish === 'open' && notice !== undefined && isNews(notice, generation.notice)) {
      return doing(
        { kind: 'note-notice', generation: number, notice },
        'noting the interruption notice',
        `seen by ${notice.seenBy}`,
      );
    }
  }
  return undefined;
}

function falseMachine({ instanceId, hostKeyDisprovedAt: at = 0 }: GenerationRecord): Failure {
  return {
    kind: 'host-key',
    message: `what answered as ${instanceId} was not that instance: its console tells other host keys`,
    hint: 'what was sent to it may be in other hands; use host_key: seeded or console',
    at,
  };
}

function goneReason(generation: GenerationRecord, observation: Observation): string | undefined {
  const { cloud } = observation;
  // Time that passes in silence tells nothing: it takes an answer that does not show it, now.
  if (generation.instanceId === undefined || cloud === undefined) return undefined;
  const instance = cloud.instances.get(generation.instanceId);
  if (instance !== undefined) {
    return instance.state === 'terminated' ? (instance.stateReason ?? 'terminated') : undefined;
  }
  // What answers by SSH lives, whatever EC2 does not show.
  if (isConnected(generation, observation)) return undefined;
  return isForgotten(generation.instanceId, observation)
    ? 'EC2 does not know the instance any more'
    : undefined;
}

/** The first notice is kept, but one whose deadline was only assumed gives way to an earlier one that is told. */
function isNews(notice: Notice, known: Notice | undefined): boolean {
  if (known === undefined) return true;
  const isTold = notice.seenBy === 'instance metadata' && known.seenBy !== 'instance metadata';
  return isTold && notice.deadline < known.deadline - deadlineToleranceMs;
}

function noticeOf(generation: GenerationRecord, observation: Observation): Notice | undefined {
  const { now, cloud } = observation;
  const told = seen(generation, observation)?.link?.notice;
  if (told !== undefined) return noticeOfMetadata(told.deadline, now);
  if (generation.instanceId === undefined) return undefined;
  const instance = cloud?.instances.get(generation.instanceId);
  if (instance === undefined) return undefined;
  if (instance.state !== 'pending' && instance.state !== 'running') {
    const { stateReason: reason } = instance;
    return { deadline: now, seenBy: 'instance state', seenAt: now, ...(reason !== undefined && { reason }) };
  }
  const status =
    instance.spotRequestId === undefined ? undefined : cloud?.spotStatus.get(instance.spotRequestId);
  if (status !== undefined && doomedStatus.has(status)) {
    return { deadline: now + noticeMs, seenBy: 'spot request status', seenAt: now };
  }
  return undefined;
}

/** The instance says so: a time that no notice of AWS can have, here or by a clock that is wrong, is not believed. */
function noticeOfMetadata(deadline: number, now: number): Notice {
  const notice = { seenBy: 'instance metadata', seenAt: now } as const;
  if (Math.abs(deadline - now) <= longestNoticeMs) return { ...notice, deadline };
  return {
    ...notice,
    deadline: now + noticeMs,
    reason: `it names ${new Date(deadline).toISOString()} as its end`,
  };
}

/**
 * Finds an instance of the portal's fleet by its tags, AWS's own among them, before EC2 lists it for the fleet, and also when it
 * is already dead: the fleet launches no other, so waiting for one would never end.
 */
function adoptTagged(record: PortalRecord, observation: Observation): Decision | undefined {
  const known = new Set(record.generations.map((one) => one.instanceId));
  for (const instance of observation.cloud?.instances.values() ?? []) {
    if (instance.tags[tagNames.portal] !== record.name || known.has(instance.id)) continue;
    const owner = record.generations.find(
      (one) =>
        one.instanceId === undefined &&
        one.goneAt === undefined &&
        instance.tags[tagNames.opening] === record.opening &&
        instance.tags[tagNames.generation] === String(one.number) &&
        isOfFleet(instance, one),
    );
    if (owner === undefined) continue;
    const step = { kind: 'adopt-instance', generation: owner.number, instanceId: instance.id } as const;
    const fleetId = owner.fleetId === undefined ? instance.tags[fleetTag] : undefined;
    return doing(
      fleetId === undefined ? step : { ...step, fleetId },
      `taking over ${instance.id}`,
      'found by its tags',
    );
  }
  return undefined;
}

/** portald's own tags prove nothing: anybody with the right to tag instances can add them to any instance. */
function isOfFleet(
  { tags, state, type }: CloudInstance,
  { fleetId, requestedAt, request }: GenerationRecord,
): boolean {
  const told = tags[fleetTag];
  if (!request.instanceTypes.includes(type)) return false;
  // A number is used again when its first request gave nothing: what came late of that is not this one's.
  if (fleetId !== undefined) return told === fleetId;
  // The answer to the request was lost: EC2 may have forgotten its token by now, and a repeat would launch another one.
  return requestedAt !== undefined && told !== undefined && (state === 'pending' || state === 'running');
}
