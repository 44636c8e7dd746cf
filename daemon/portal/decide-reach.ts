// A connection to every instance that is worth one: the one that works, the one to come, the one to be drained.
import { pollMs } from './awaiting.ts';
import type { Observation } from './observation.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { doing, firstAction, instanceOf, retryPauseMs, seen, standing, taskOf, waiting } from './standing.ts';
import type { Decision } from './steps.ts';

/**
 * A first instance that cannot be reached for so long after it was adopted, in so many attempts, is given up, so that it
 * stops billing. The attempts count because the laptop may have slept meanwhile. It never held anything of the user's.
 */
const reachLimitMs = 15 * 60_000;
const reachAttempts = 60;

export function decideReach(record: PortalRecord, observation: Observation): Decision | undefined {
  return firstAction(
    observation,
    record.generations
      .filter((one) => standing(one, observation) === 'running' && one.abandonedAt === undefined)
      .filter((one) => one.hostKeyDisprovedAt === undefined)
      .filter((one) => instanceOf(one, observation)?.address !== undefined)
      .map((one) => () => reach(record, one, observation)),
  );
}

function reach(
  record: PortalRecord,
  generation: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  const { number, instanceId } = generation;
  const link = seen(generation, observation)?.link;
  if (link === undefined) {
    if (generation.login.hostKey === 'console' && generation.hostKeys.length === 0) {
      const reason = `${instanceId} has not printed its host keys yet`;
      return doing({ kind: 'read-console-keys', generation: number }, 'waiting for the host key', reason);
    }
    return doing({ kind: 'connect', generation: number }, 'connecting by SSH', `${instanceId} is running`);
  }
  if (link.state === 'connected') return confirmHostKey(generation, observation);
  const why = link.difficulty?.message ?? `${instanceId} does not answer yet`;
  if (
    !record.everOpen &&
    record.wish === 'open' &&
    link.failedAttempts >= reachAttempts &&
    observation.now - (generation.adoptedAt ?? 0) > reachLimitMs
  ) {
    const failure = {
      kind: link.difficulty?.kind ?? ('ssh' as const),
      message: `instance ${instanceId} could not be reached by SSH in 15 minutes: ${why}`,
      hint:
        link.difficulty?.hint ??
        'check that the security group lets this address in on the SSH port, and remote_user',
      at: observation.now,
    };
    return doing({ kind: 'fail', failure }, 'giving up', failure.message);
  }
  // The connection itself tells when it is up.
  return waiting(Math.max(1000, pollMs(observation.now - link.since)), 'waiting for SSH', why);
}

/** A key that was accepted at first use is compared with those on the console, which come some minutes later. */
function confirmHostKey(generation: GenerationRecord, observation: Observation): Decision | undefined {
  if (generation.login.hostKey !== 'first-use' || generation.hostKeyConfirmedAt !== undefined)
    return undefined;
  const task = taskOf(generation, observation, 'confirm-host-key');
  if (task?.state === 'running') return undefined;
  if (task?.state === 'failed' && observation.now - task.since < retryPauseMs(task.attempts))
    return undefined;
  return doing(
    { kind: 'confirm-host-key', generation: generation.number },
    'comparing the host key with the console',
    `of ${generation.instanceId}`,
  );
}
