// Situations in a portal's life that several decision tables speak of.
import type { TaskStatus } from '../../daemon/portal/observation.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import * as a from './world.ts';

export const notice = {
  deadline: a.now + 110_000,
  seenBy: 'instance metadata',
  seenAt: a.now - 10_000,
} as const;
export const failed: TaskStatus = {
  state: 'failed',
  attempts: 3,
  since: a.now - 1_000_000,
  difficulty: { kind: 'mount', message: 'no file system', since: a.now },
};

export const first = { generations: [a.generation(1)], nextGeneration: 2 };
export const fleet = (change: object = {}) => ({ id: 'sfr-1', state: 'active', instanceIds: [], ...change });
export const young = a.generation(1);
const { instanceId: _none, adoptedAt: _never, ...requestedOnly } = young;
const { fleetId: _unknown, ...askedOnly } = requestedOnly;
const { requestedAt: _unasked, ...plannedOnly } = askedOnly;
/** A fleet is requested, and has no instance yet. */
export const requested = requestedOnly;
/** The request was sent, and its answer is not known. */
export const asked = askedOnly;
/** A request that had no answer, and rests. */
export const unanswered = {
  kind: 'endpoint',
  message: 'no answer',
  at: a.now,
  failures: 1,
  notBefore: a.now + 3000,
} as const;
/** Nothing was sent yet. */
export const planned = plannedOnly;
export const capacity = {
  sort: 'capacity',
  code: 'launchSpecTemporarilyBlacklisted',
  message: 'none left',
} as const;
export const twoTypes = (
  record: PortalRecord,
  types: Partial<PortalRecord['specification']['spot_instance']> = { instance_types: ['g4dn.xlarge'] },
): PortalRecord => ({
  ...record,
  specification: {
    ...record.specification,
    spot_instance: { ...record.specification.spot_instance, ...types },
  },
});

export const open = { generations: [a.ready(1)], nextGeneration: 2, holder: 1, everOpen: true };
export const steady = { 1: a.onInstance({ mounts: a.mounted() }) };
export const interrupted = { ...open, generations: [a.ready(1, { notice })] };
export const moving = {
  ...open,
  generations: [a.ready(1, { notice, drainedAt: a.now }), a.generation(2)],
  nextGeneration: 3,
};
export const released = {
  ...moving,
  generations: [a.ready(1, { notice, drainedAt: a.now, releasedAt: a.now }), a.generation(2)],
};
/** The volumes are mounted, and portald has not yet written down who has them. */
export const mountedOnly = { generations: [a.generation(1, { mountingAt: a.now })], nextGeneration: 3 };
export const both = [a.instance('i-1'), a.instance('i-2')];

export function planned2() {
  const { instanceId: _a, adoptedAt: _b, fleetId: _c, requestedAt: _d, ...rest } = a.generation(2);
  return rest;
}

export function drained() {
  return {
    1: a.onInstance({
      mounts: a.mounted(),
      tasks: new Map([['drain', { state: 'running', attempts: 1, since: a.now } as const]]),
    }),
  };
}
