// A machine that ends, or is given notice, before the portal was open on it: its minute is paid for, and came to nothing. A
// notice soon afterwards that only the machine itself reports counts, too: otherwise somebody who controls the machine could
// make portald launch one after the other. Pure.
import type { LaunchFailure } from './pools.ts';
import type { GenerationRecord, Notice, PortalRecord } from './record.ts';

/** One that stood by for longer was of use, though nothing was open on it. */
export const earlyMs = 10 * 60_000;

/** Whether the end of a machine, or a notice, now would be early; only the first of the two counts. */
export function isEarly(
  record: PortalRecord,
  generation: GenerationRecord,
  now: number,
  seenBy?: Notice['seenBy'],
): boolean {
  const { instanceId, adoptedAt = now, readyAt, notice, abandonedAt, goneAt } = generation;
  if (record.wish !== 'open' || instanceId === undefined || now - adoptedAt >= earlyMs) return false;
  if (readyAt !== undefined && seenBy !== 'instance metadata') return false;
  return notice === undefined && abandonedAt === undefined && goneAt === undefined;
}

/**
 * What can be done about an end, by EC2's code of its reason
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html).
 */
const hints: readonly (readonly [code: RegExp, hint: string])[] = [
  [
    /^Client\.InternalError/,
    'mostly an encrypted image or volume whose KMS key the role AWSServiceRoleForEC2SpotFleet may not use: give it a grant on the key (aws kms create-grant)',
  ],
  [/^Client\.InvalidSnapshot/, 'a snapshot of the image is gone: use another image_id'],
  [/^Client\.VolumeLimitExceeded/, 'the EBS quota is used up: delete volumes, or raise it in Service Quotas'],
  [
    /^Client\.UserInitiatedShutdown/,
    'somebody ended it in the account; to end it for good, close the portal: portalctl close',
  ],
  [/^Client\.InstanceInitiatedShutdown/, 'it shut itself down: look at what the image runs while it boots'],
  [
    /^Server\.|^notice/,
    'AWS took it back; more types in spot_instance.instance_types find one that stays sooner',
  ],
];

/** Why the pool of `generation` is no good just now; `reason` in EC2's words. */
export function earlyEnd(generation: GenerationRecord, reason: string, now: number): LaunchFailure {
  const { instanceId = '', adoptedAt = now, readyAt, request } = generation;
  const seconds = Math.max(0, Math.round((now - adoptedAt) / 1000));
  const hint = hints.find(([code]) => code.test(reason))?.[1];
  return {
    kind: 'ended-early',
    message: `${instanceId} (${request.instanceTypes.join(' or ')}) ended ${seconds} s after it was launched${readyAt === undefined ? ', before the portal was open on it' : ''} (${reason})`,
    hint: hint ?? 'look at the instance in the EC2 console: its state transition reason',
  };
}
