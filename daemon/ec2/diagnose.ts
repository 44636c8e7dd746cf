// What AWS says of the daemon's credentials, how far it is, how its clock differs, and what it allows.
import type { CheckView } from '../../protocol/check-view.ts';
import type { PortalError } from '../../protocol/errors.ts';
import type { AwsIdentity } from '../../protocol/methods.ts';
import type { Aws } from './aws.ts';
import type { AwsClock } from './aws-clock.ts';
import { sortAwsError } from './aws-errors.ts';
import { checkWay } from './check-way.ts';
import { examinePermissions, type PermissionParts } from './permissions.ts';
import type { Environment } from './proxy.ts';

export interface DiagnoseParts extends PermissionParts {
  readonly aws: Aws;
  readonly clock: AwsClock;
  /** Names another EC2 than AWS's, a proxy, authorities. */
  readonly environment: Environment;
  /** This machine's own time, milliseconds since the epoch. */
  readonly wall: () => number;
  /** Milliseconds that only rise. */
  readonly ticks: () => number;
}

/** Rejects only when `signal` aborts: what AWS refuses is a check among the others. */
export type DiagnoseAws = (signal: AbortSignal) => Promise<CheckView[]>;

/** A Date header is cut to the second. */
const clockBlurMs = 3000;

export function createAwsDiagnosis(parts: DiagnoseParts): DiagnoseAws {
  const { aws, clock, environment, wall, ticks } = parts;
  const endpoint = environment['AWS_ENDPOINT_URL_EC2'] || environment['AWS_ENDPOINT_URL'] || undefined;
  const name = endpoint === undefined ? 'EC2' : `EC2 at ${endpoint}`;
  return async (signal) => {
    const options = { abortSignal: signal };
    const ask = async (): Promise<PortalError | undefined> => {
      try {
        const ec2 = await aws.client();
        await ec2.describeSecurityGroups({ MaxResults: 5 }, options);
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        return sortAwsError(error, 'asking AWS who we are');
      }
    };
    const wayThere = async (): Promise<CheckView[]> => {
      const { region = 'us-east-1' } = await aws.identity();
      return checkWay(environment, endpoint ?? `https://ec2.${region}.amazonaws.com`);
    };
    const ways = await wayThere();
    if (ways.some((one) => one.level === 'problem')) return [...ways, untoldRest];
    const refusal = await ask();
    const identity = await aws.identity();
    const credentials = credentialsCheck(identity, refusal);
    if (refusal !== undefined && refusal.kind !== 'permission') return [credentials, ...ways, untoldRest];
    // The connection is there by now: this is the way and AWS itself.
    const began = ticks();
    await ask();
    const tookMs = Math.round(ticks() - began);
    return [
      credentials,
      ...ways,
      { topic: 'endpoint', level: 'fine', message: `${name} answers within ${tookMs} ms` },
      clockCheck(clock.now() - wall()),
      ...(await examinePermissions(await aws.client(), parts, identity.account, signal)),
    ];
  };
}

const untoldRest: CheckView = {
  topic: 'permissions',
  level: 'unknown',
  message: 'told only once AWS answers to these credentials',
};

/** `refusal`: why AWS did not tell who we are. */
export function credentialsCheck(identity: AwsIdentity, refusal: PortalError | undefined): CheckView {
  const { profile, accessKeyId, account, region } = identity;
  const whose =
    profile === undefined
      ? accessKeyId === undefined
        ? 'none'
        : `the key ${accessKeyId}`
      : `profile ${profile}`;
  if (refusal !== undefined && refusal.kind !== 'permission') {
    const topic = refusal.kind === 'endpoint' || refusal.kind === 'throttled' ? 'endpoint' : 'credentials';
    return {
      topic,
      level: 'problem',
      message: topic === 'credentials' ? `${whose}: ${refusal.message}` : refusal.message,
      ...(refusal.hint !== undefined && { fix: refusal.hint }),
    };
  }
  const where = `${account === undefined ? 'account not told' : `account ${account}`}, Region ${region ?? 'not set'}`;
  return { topic: 'credentials', level: 'fine', message: `${whose}, ${where}` };
}

/** `aheadMs`: by how much AWS's time is later than this machine's. */
export function clockCheck(aheadMs: number): CheckView {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= clockBlurMs)
    return { topic: 'clock', level: 'fine', message: 'is that of AWS, to a few seconds' };
  return {
    topic: 'clock',
    level: 'warning',
    message: `is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} AWS's; portald goes by AWS's, other programs do not`,
    fix: 'sudo timedatectl set-ntp true (macOS: sudo sntp -sS time.apple.com)',
  };
}
