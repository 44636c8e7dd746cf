// Waiting for EC2 to show a change: it is asked less and less often, and from some moment on the wait is a problem, with advice.
// Pure.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { Observation } from './observation.ts';
import type { Decision } from './steps.ts';

/**
 * How often a portal at rest looks at EC2, milliseconds; all portals share one round of three calls. With what a round and
 * its turn take, a notice that only EC2 tells of is seen within 6 s. What kicks the loop when it changes needs no more.
 */
export const restMs = 4000;

/** How soon EC2 is asked again while a change is new, milliseconds. */
const soonestMs = 250;
/** The next look comes after this part of what the wait has lasted. */
const fraction = 8;

/** When to look again at what EC2 has shown unchanged for `forMs`, milliseconds. */
export function pollMs(forMs: number): number {
  return Math.min(restMs, Math.max(soonestMs, Math.round(forMs / fraction)));
}

interface Patience {
  /** From then on the wait is a problem. */
  readonly afterMs: number;
  readonly kind: ErrorKind;
  readonly message: (id: string, more: string) => string;
  readonly hint: string;
}

const minuteMs = 60_000;

/** Every change of EC2's that is waited for. What is usual is from the facts on EC2 and volumes. */
const patiences = {
  'instance to run': {
    afterMs: 5 * minuteMs,
    kind: 'endpoint',
    message: (id) => `EC2 has shown ${id} as pending for more than 5 minutes`,
    hint: 'EC2 usually needs less than a minute; portalctl close ends the instance',
  },
  'instance to be shown': {
    afterMs: 2 * minuteMs,
    kind: 'endpoint',
    message: (id) => `EC2 does not show ${id}`,
    hint: 'look for it in the EC2 console; portald believes that it is gone only after many answers without it',
  },
  'public address': {
    afterMs: minuteMs,
    kind: 'no-public-address',
    message: (id) => `instance ${id} has no public IP address`,
    hint: 'let the subnet assign public IPv4 addresses, or name another subnet_id',
  },
  'instance to end': {
    afterMs: 10 * minuteMs,
    kind: 'endpoint',
    message: (id) => `EC2 has been ending ${id} for more than 10 minutes`,
    hint: 'from shutting-down on it costs nothing, but its volumes stay attached; if that goes on, ask AWS Support, or force-detach them in the console: what the instance has not written yet is lost then',
  },
  'fleet to end': {
    afterMs: 5 * minuteMs,
    kind: 'endpoint',
    message: (id) => `EC2 has been cancelling spot fleet ${id} for more than 5 minutes`,
    hint: 'look at it in the EC2 console; it is done when its last instance has ended',
  },
  'fleet to be shown': {
    afterMs: 2 * minuteMs,
    kind: 'endpoint',
    message: (id) => `EC2 does not show spot fleet ${id}`,
    hint: 'look for it in the EC2 console; portald believes that it is gone only after many answers without it',
  },
  'volume to be shown': {
    afterMs: minuteMs,
    kind: 'volume',
    message: (id) => `EC2 does not show volume ${id}`,
    hint: 'look for it in the EC2 console; if it is deleted, restore it from a snapshot (portalctl volume restore), name the new one, and open the portal again',
  },
  'volume to be available': {
    afterMs: minuteMs,
    kind: 'volume',
    message: (id, state) => `volume ${id} is ${state}`,
    hint: 'look at it in the EC2 console',
  },
  'failed volume': {
    afterMs: 0,
    kind: 'volume',
    message: (id) => `volume ${id} is in state error: its hardware has failed`,
    hint: 'it cannot be repaired: restore its last snapshot (portalctl volume restore), name the new volume, and open the portal again',
  },
  'volume to be free': {
    afterMs: 10_000,
    kind: 'volume',
    message: (id, instanceId) => `volume ${id} is attached to ${instanceId}, which is not this portal's`,
    hint: 'detach it there',
  },
  'volume to be attached': {
    afterMs: 3 * minuteMs,
    kind: 'volume',
    message: (id, instanceId) => `EC2 has been attaching ${id} to ${instanceId} for more than 3 minutes`,
    hint: 'detach it in the EC2 console, with force if need be: nothing of it is mounted yet; or close and open the portal for another instance',
  },
  'mounted volume to be detached': {
    afterMs: 5000,
    kind: 'volume',
    message: (id, instanceId) =>
      `a detach of ${id} from ${instanceId} was requested outside portald; the volume is still mounted and works until it is unmounted`,
    hint: 'do not force the detach: data that is not written yet would be lost. To keep the volume, close and reopen the portal, or unmount the volume on the instance; portald then attaches it again',
  },
  'volume to be detached': {
    afterMs: 2 * minuteMs,
    kind: 'volume',
    message: (id, instanceId) => `EC2 has been detaching ${id} from ${instanceId} for more than 2 minutes`,
    hint: 'if that goes on, force-detach it in the EC2 console: what the instance has not written yet is lost then',
  },
} as const satisfies Readonly<Record<string, Patience>>;

export type Awaited = keyof typeof patiences;

/** The wait for a change of the thing `id`; `more`: what the sentence about a long one needs besides. */
export function awaiting(
  observation: Observation,
  awaited: Awaited,
  id: string,
  words: { readonly what: string; readonly reason: string },
  more = '',
): Decision {
  const since = observation.shownSince.get(id) ?? observation.now;
  const forMs = Math.max(0, observation.now - since);
  const { afterMs, kind, message, hint }: Patience = patiences[awaited];
  const wait = { step: { kind: 'wait', ms: pollMs(forMs) }, ...words } as const;
  return forMs < afterMs ? wait : { ...wait, trouble: { kind, message: message(id, more), hint } };
}
