// Makes the EC2 client from the SDK's standard credential chain, makes a new one after a login, and finds out its account.
// Loading the client takes time, so it waits for the first call.
import type { AwsIdentity } from '../../protocol/methods.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { AwsClock } from './aws-clock.ts';
import type { Ec2, Ec2Configuration } from './client-ec2.ts';
import { type AnswerLimits, guardAnswers } from './guard-answers.ts';
import { createHttpAgents } from './http-agents.ts';
import { whyNoProfile } from './profile-files.ts';

export interface Aws {
  /** The client; made at first use, from the standard chain of the SDK (environment, profile, SSO, metadata). */
  client(): Promise<Ec2>;
  /** Which account's door this is; asks EC2 for the account's id once. Never rejects: what is unknown is left out. */
  identity(): Promise<AwsIdentity>;
  /** What is known without asking anybody. */
  knownIdentity(): AwsIdentity;
  /** Gives up every call under way, as of unknown outcome; none can be made after it. */
  close(): void;
}

export interface AwsSettings {
  /** `region` and `profile` come from portald's configuration and go before the environment's. */
  readonly region?: string;
  readonly profile?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Learns from every answer. */
  readonly clock: AwsClock;
  /** Other limits than usual. */
  readonly answers?: AnswerLimits;
}

/** Errors after which credentials are read anew: the user may have logged in again. */
const stale =
  /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired|AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|CredentialsProviderError)$/;

export function createAws(settings: AwsSettings): Aws {
  const { environment, clock } = settings;
  const given = (name: string): string | undefined => environment[name] || undefined;
  const profile = settings.profile ?? given('AWS_PROFILE');
  const regionSet = settings.region ?? given('AWS_REGION');
  // The SDK takes keys of the environment only when no profile is named, and only both halves of them.
  const isKeySet = profile === undefined && given('AWS_SECRET_ACCESS_KEY') !== undefined;
  const keySet = isKeySet ? given('AWS_ACCESS_KEY_ID') : undefined;
  let made: Promise<Ec2> | undefined;
  /** The client before this one: calls of it may still be under way. */
  let former: Promise<Ec2> | undefined;
  let isAccountAsked = false;
  const closing = new AbortController();
  const known: AwsIdentity = {
    ...(profile !== undefined && { profile }),
    ...(regionSet !== undefined && { region: regionSet }),
    ...(keySet !== undefined && { accessKeyId: keySet, keysFromEnvironment: true }),
  };
  let learnt = known;

  const make = async (): Promise<Ec2> => {
    const { createEc2 } = await import('./client-ec2.ts');
    const requestHandler = {
      connectionTimeout: 5000,
      requestTimeout: 20_000,
      throwOnRequestTimeout: true,
      ...(await createHttpAgents(environment)),
    };
    const configuration: Ec2Configuration & { ignoreCache: boolean } = {
      ...(settings.region !== undefined && { region: settings.region }),
      ...(profile !== undefined && { profile }),
      maxAttempts: 3,
      requestHandler,
      // The SDK keeps ~/.aws in memory for as long as the process lives; a new login is written there.
      ignoreCache: true,
    };
    const ec2 = createEc2(configuration);
    ec2.middlewareStack.add(
      (next) => async (request) => {
        const result = await next(request);
        const { headers } = result.response as { headers?: Record<string, string> };
        clock.learn(headers?.['date']);
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'learnClock' },
    );
    guardAnswers(ec2, settings.answers);
    ec2.middlewareStack.add(
      (next, { commandName }) => {
        if (commandName !== 'CreateSnapshotCommand') return next;
        // It has no token: a repetition whose first answer was lost would take a second snapshot.
        let failure: unknown;
        return async (request) => {
          if (failure !== undefined) throw failure;
          return next(request).catch((error: unknown) => {
            failure = error;
            throw error;
          });
        };
      },
      { step: 'finalizeRequest', priority: 'low', name: 'sendOnce' },
    );
    ec2.middlewareStack.add((next) => (request) => untilAborted(next(request), closing.signal), {
      step: 'finalizeRequest',
      priority: 'low',
      name: 'endWithPortald',
    });
    ec2.middlewareStack.add(
      (next) => async (request) => {
        try {
          return await next(request);
        } catch (error) {
          if (error instanceof Error && stale.test(error.name)) renew(ec2);
          throw await ofProfile(error);
        }
      },
      { step: 'initialize', name: 'renewCredentials' },
    );
    current = ec2;
    return ec2;
  };
  /** What is wrong with the profile that was named, if it is that. */
  const ofProfile = async (error: unknown): Promise<unknown> => {
    if (profile === undefined || !(error instanceof Error)) return error;
    const isWithout = error.name === 'CredentialsProviderError';
    // The Region may come from the profile.
    if (!isWithout && !/region is missing/i.test(error.message)) return error;
    const why = await whyNoProfile(profile, environment);
    if (why === undefined && !isWithout) return error;
    const message = `AWS profile "${visibleText(profile)}" gives no credentials: ${why ?? error.message}`;
    return Object.assign(new Error(message, { cause: error }), { name: 'CredentialsProviderError' });
  };
  let current: Ec2 | undefined;
  const client = (): Promise<Ec2> =>
    (made ??= make().catch((error: unknown) => {
      // A file that could not be read may be there the next time.
      made = undefined;
      throw error;
    }));

  /** The next call is made by a new client, which reads the credentials anew; they may be of another account. */
  const renew = (failed: Ec2): void => {
    if (failed !== current) return;
    destroy(former);
    former = made;
    made = undefined;
    current = undefined;
    isAccountAsked = false;
    learnt = known;
  };

  return {
    client,
    knownIdentity: () => learnt,
    async identity() {
      // Why it cannot be made, the call that needs it tells.
      const ec2 = await client().catch(() => undefined);
      if (ec2 === undefined) return learnt;
      const region = await ec2.config.region().catch(() => undefined);
      const credentials = await ec2.config.credentials().catch(() => undefined);
      learnt = {
        ...learnt,
        ...(region !== undefined && { region }),
        ...(credentials !== undefined && { accessKeyId: credentials.accessKeyId }),
      };
      if (
        !isAccountAsked &&
        learnt.account === undefined &&
        credentials !== undefined &&
        region !== undefined
      ) {
        // Every VPC has a default group, and a group tells its owner: the account, without asking another service.
        const account = await ec2.describeSecurityGroups({ MaxResults: 5 }).then(
          (groups) => groups.SecurityGroups?.[0]?.OwnerId,
          (error: unknown) => {
            isAccountAsked = error instanceof Error && error.name === 'UnauthorizedOperation';
            return undefined;
          },
        );
        if (account !== undefined && ec2 === current) learnt = { ...learnt, account };
      }
      return learnt;
    },
    close() {
      closing.abort();
      destroy(former);
      destroy(made);
    },
  };
}

/** `answer`, or the signal's AbortError as soon as it comes. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function destroy(client: Promise<Ec2> | undefined): void {
  void client?.then(
    (ec2) => ec2.destroy(),
    () => undefined,
  );
}
