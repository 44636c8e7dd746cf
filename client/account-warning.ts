// The account and Region are the daemon's. Whoever names others in their own environment should know.
import type { AwsIdentity } from '../protocol/methods.ts';
import type { Environment } from '../protocol/paths.ts';
import type { Output } from './output.ts';

/** What this environment says about the account, as `portal.open` takes it. */
export function ownIdentity(environment: Environment): {
  profile?: string;
  region?: string;
  accessKeyId?: string;
} {
  const profile = environment['AWS_PROFILE'] ?? '';
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? '';
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  return {
    ...(profile !== '' && { profile }),
    ...(region !== '' && { region }),
    ...(accessKeyId !== '' && { accessKeyId }),
  };
}

/** Warns on stderr about each name that differs from the daemon's. */
export function warnOfOtherAccount(output: Output, environment: Environment, daemon: AwsIdentity): void {
  const own = ownIdentity(environment);
  const warn = (what: string, here: string | undefined, there: string | undefined): void => {
    if (here === undefined || there === undefined || here === there) return;
    output.complain(
      { text: 'warning: ', style: 'yellow' },
      `${what} is ${here} here, but ${there} in portald, and portald's counts`,
    );
  };
  warn(
    'AWS_PROFILE',
    own.profile,
    daemon.profile ?? (daemon.accessKeyId === undefined ? 'default' : undefined),
  );
  warn('AWS_REGION', own.region, daemon.region);
  warn('AWS_ACCESS_KEY_ID', own.accessKeyId, daemon.accessKeyId);
}
