// What can be told before anything is launched or billed: does the account have what the specification names?
// Read-only. All that is found is told at once, each with its place.
import { PortalError } from '../../protocol/errors.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import type { Aws } from './aws.ts';
import { sortAwsError } from './aws-errors.ts';
import { checkImage, checkInstanceTypes, checkPrices, outlivingRootDevice } from './check-image.ts';
import { checkKeyPair, checkSecurityGroup } from './check-login.ts';
import { checkSubnet, checkZone } from './check-place.ts';
import { checkQuota } from './check-quota.ts';
import { checkRole } from './check-role.ts';
import { checkVolumes } from './check-volumes.ts';
import type { Image } from './client-ec2.ts';
import type { Check, CheckContext, Finding } from './finding.ts';
import type { AskSpotQuota } from './service-quotas.ts';

export interface PreflightResult {
  /** In the specification's order of questions; those of no answer too. */
  readonly findings: readonly Finding[];
  /** Set when the image's root volume would outlive its instance: the device whose mapping must be overridden. */
  readonly rootDevice?: string;
}

/** Rejects with PortalError when EC2 cannot be asked at all: credentials, endpoint, Region, throttling. */
export type Preflight = (
  specification: Specification,
  identity: { publicKey: string },
  context: { signal: AbortSignal; progress: (message: string) => void },
) => Promise<PreflightResult>;

/** These say nothing of the specification: there is no answer to any question then. */
const noAnswers = new Set(['credentials', 'endpoint', 'throttled', 'region-missing']);

/**
 * Many openings at once ask more than EC2 answers in a second: each question is asked again for about two minutes, later
 * and later, before an opening is refused for it. The client itself has waited a little each time, too.
 */
const throttledPausesMs = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];

/** The questions before every opening: all are EC2's own. */
export const openingChecks: readonly Check[] = [
  checkKeyPair,
  checkSecurityGroup(() => Promise.resolve(undefined)),
  checkZone,
  checkSubnet,
  checkVolumes,
  checkImage,
  checkInstanceTypes,
  checkPrices,
  checkRole,
];

/** The same and those that other services answer, for who wants to know. */
export function thoroughChecks(
  ownAddress: (signal: AbortSignal) => Promise<string | undefined>,
  quota: AskSpotQuota,
): readonly Check[] {
  const [keyPair = checkKeyPair, , ...others] = openingChecks;
  return [keyPair, checkSecurityGroup(ownAddress), ...others, checkQuota(quota)];
}

export interface PreflightParts {
  readonly aws: Aws;
  /** AWS's time, milliseconds. */
  readonly now: () => number;
  /** Ends early, and well, when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** At least 0, less than 1: those who wait at once do not ask again at once. */
  readonly random: () => number;
}

export function createPreflight(
  { aws, now, sleep, random }: PreflightParts,
  checks: readonly Check[],
): Preflight {
  return async (specification, { publicKey }, { signal: given, progress }) => {
    // When one question has got its last answer, the others are not asked on.
    const over = new AbortController();
    const signal = AbortSignal.any([given, over.signal]);
    const { account } = aws.knownIdentity();
    const ec2 = await aws.client();
    const options = { abortSignal: signal };
    let asked: Promise<Image | undefined> | undefined;
    const context: CheckContext = {
      specification,
      publicKey,
      ec2,
      options,
      image: () =>
        (asked ??= imageOf(specification.spot_instance.image_id, ec2, options).catch((error: unknown) => {
          asked = undefined;
          throw error;
        })),
      now,
      ...(account !== undefined && { account }),
    };
    progress('checking what the specification names in the account');
    let isSaid = false;
    const patiently = async (check: Check): Promise<readonly Finding[]> => {
      for (const pauseMs of throttledPausesMs) {
        try {
          return await answerTo(check, context);
        } catch (error) {
          if (!(error instanceof PortalError) || error.kind !== 'throttled') throw error;
          if (!isSaid) progress('EC2 is asked too much just now; asking again, later and later');
          isSaid = true;
          await sleep(pauseMs * (0.5 + random()), signal);
          signal.throwIfAborted();
        }
      }
      return answerTo(check, context);
    };
    const findings = await Promise.all(checks.map(patiently)).catch((error: unknown) => {
      over.abort();
      throw error;
    });
    signal.throwIfAborted();
    // Without an answer to it the image itself is a refusal among the findings.
    const rootDevice = outlivingRootDevice(await context.image().catch(() => undefined));
    return { findings: findings.flat(), ...(rootDevice !== undefined && { rootDevice }) };
  };
}

async function imageOf(
  id: string,
  ec2: CheckContext['ec2'],
  options: CheckContext['options'],
): Promise<Image | undefined> {
  return (await ec2.describeImages({ ImageIds: [id] }, options)).Images?.[0];
}

async function answerTo(check: Check, context: CheckContext): Promise<readonly Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    context.options.abortSignal.throwIfAborted();
    const about = check.about(context.specification);
    const { kind, message, hint } = sortAwsError(error, `checking ${about}`);
    if (noAnswers.has(kind)) throw new PortalError(kind, message, { ...(hint !== undefined && { hint }) });
    const level = check.isEssential ? 'refusal' : 'warning';
    return [{ level, path: check.path, kind, message, ...(hint !== undefined && { hint }) }];
  }
}
