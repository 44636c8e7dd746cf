// Account and Region are the daemon's. What a client's own environment names may be others: both sides say so, in the
// same words.
import type { AwsIdentity, MethodParameters } from './methods.ts';

export interface AccountDifference {
  readonly what: 'profile' | 'Region' | 'access key';
  readonly sentence: string;
  /** False while the daemon does not know its own. */
  readonly isKnown: boolean;
}

/** What `own` names and the daemon does not work with. */
export function accountDifferences(
  own: NonNullable<MethodParameters['portal.open']['environment']>,
  daemon: AwsIdentity,
): AccountDifference[] {
  const differing = (
    what: AccountDifference['what'],
    here: string | undefined,
    there: string | undefined,
    words: string,
  ): AccountDifference[] => {
    if (here === undefined || here === '' || here === there) return [];
    const sentence = `your environment names the ${what} ${here}, but portald works ${words}`;
    return [{ what, sentence, isKnown: there !== undefined }];
  };
  const keysOfEnvironment = daemon.keysFromEnvironment === true;
  return [
    ...differing(
      'profile',
      own.profile,
      keysOfEnvironment ? '' : (daemon.profile ?? 'default'),
      `with ${credentialsText(daemon)}`,
    ),
    ...differing('Region', own.region, daemon.region, inRegion(daemon.region)),
    // A profile goes before keys.
    ...differing(
      'access key',
      own.profile === undefined ? own.accessKeyId : undefined,
      daemon.accessKeyId,
      daemon.accessKeyId === undefined ? 'with no keys' : `with ${credentialsText(daemon)}`,
    ),
  ];
}

/** Which credentials these are, in a few words. */
export function credentialsText({ profile, keysFromEnvironment, accessKeyId }: AwsIdentity): string {
  if (keysFromEnvironment === true) return `the key ${accessKeyId ?? ''} of its environment`;
  return profile === undefined ? 'the default profile' : `the profile ${profile}`;
}

function inRegion(region: string | undefined): string {
  return region === undefined ? 'in no Region' : `in ${region}`;
}
