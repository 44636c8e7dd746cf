// The only file that knows @aws-sdk/client-ec2. Loading it takes most of a second, so that waits for the first call.
import type { EC2 } from '@aws-sdk/client-ec2';
import type { AwsIdentity } from '../../protocol/methods.ts';
import { createClockOffset } from './clock-offset.ts';

export type { Instance as AwsInstance } from '@aws-sdk/client-ec2';

export interface Aws {
  /** The client; made at first use, from the standard chain of the SDK (environment, profile, SSO, metadata). */
  client(): Promise<EC2>;
  /** Which account's door this is; asks EC2 for the account's id once. Never rejects: what is unknown is left out. */
  identity(): Promise<AwsIdentity>;
  /** What is known without asking anybody. */
  knownIdentity(): AwsIdentity;
  /** Milliseconds from this machine's clock to AWS's, as far as its answers told; 0 before the first. */
  clockOffsetMs(): number;
  close(): void;
}

/** `region` and `profile` come from portald's configuration and go before the environment's. */
export function createAws(settings: {
  region?: string;
  profile?: string;
  environment: Readonly<Record<string, string | undefined>>;
}): Aws {
  const { environment } = settings;
  const profile = settings.profile ?? environment['AWS_PROFILE'];
  const clock = createClockOffset();
  let made: Promise<EC2> | undefined;
  let learnt: AwsIdentity = {
    ...(profile !== undefined && { profile }),
    ...(settings.region !== undefined && { region: settings.region }),
    ...(settings.region === undefined &&
      environment['AWS_REGION'] !== undefined && { region: environment['AWS_REGION'] }),
    // Keys in the environment go before those of a profile that the environment names, not before a configured one.
    ...(settings.profile === undefined &&
      environment['AWS_ACCESS_KEY_ID'] !== undefined && { accessKeyId: environment['AWS_ACCESS_KEY_ID'] }),
  };

  const make = async (): Promise<EC2> => {
    const { EC2 } = await import('@aws-sdk/client-ec2');
    const ec2 = new EC2({
      ...(settings.region !== undefined && { region: settings.region }),
      ...(profile !== undefined && { profile }),
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 5000, requestTimeout: 20_000, throwOnRequestTimeout: true },
    });
    ec2.middlewareStack.add(
      (next) => async (request) => {
        const result = await next(request);
        const { headers } = result.response as { headers?: Record<string, string> };
        clock.learn(headers?.['date'], Date.now());
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'learnClock' },
    );
    return ec2;
  };
  const client = (): Promise<EC2> => (made ??= make());

  return {
    client,
    knownIdentity: () => learnt,
    clockOffsetMs: clock.offsetMs,
    async identity() {
      const ec2 = await client();
      const region = await ec2.config.region().catch(() => undefined);
      const credentials = await ec2.config.credentials().catch(() => undefined);
      learnt = {
        ...learnt,
        ...(region !== undefined && { region }),
        ...(credentials !== undefined && { accessKeyId: credentials.accessKeyId }),
      };
      if (learnt.account === undefined && credentials !== undefined && region !== undefined) {
        // Every VPC has a default group, and a group tells its owner: the account, without asking another service.
        const groups = await ec2.describeSecurityGroups({ MaxResults: 5 }).catch(() => undefined);
        const account = groups?.SecurityGroups?.[0]?.OwnerId;
        if (account !== undefined) learnt = { ...learnt, account };
      }
      return learnt;
    },
    close() {
      void made?.then(
        (ec2) => ec2.destroy(),
        () => undefined,
      );
    },
  };
}
