// The SDK's chain of credentials: environment, profile, SSO, metadata. The only file that imports it; part of each
// client's own file in the installed programs.
import { type DefaultProviderInit, defaultProvider } from '@aws-sdk/credential-provider-node';
import { visibleText } from '../../protocol/visible-text.ts';

type Provider = ReturnType<typeof defaultProvider>;
type RequestHandler = NonNullable<NonNullable<DefaultProviderInit['clientConfig']>['requestHandler']>;

/** A program that a profile names may never end. */
const patienceMs = 60_000;
const longestCause = 400;

/** What a link of the chain says that is not meant to give credentials here. */
const notMeant =
  /^(Skipping|AWS_PROFILE is set|Unable to find environment variable|Web identity configuration not specified|Profile .* (did not contain|could not be found)|EC2 (Instance )?Metadata Service access disabled|Could not (load credentials from any|resolve credentials using profile: \[default\]))/;

/**
 * The SDK's own chain, which by itself would ask SSO without our way to AWS, and would tell of all that went wrong in it only
 * that it has no credentials.
 */
export function credentialChain(requestHandler: RequestHandler): (input: object) => Provider {
  return (input: object) => {
    let causes: string[] = [];
    const nothing = (): void => {};
    // Each error of a link tells itself to it (ProviderError.js of @smithy/core): most are never thrown.
    const debug = (told: unknown): void => {
      const cause = /^@smithy\/property-provider \S+ (.*)$/s.exec(String(told))?.[1];
      if (cause !== undefined && !notMeant.test(cause)) causes.push(cause);
    };
    const logger = { debug, trace: nothing, info: nothing, warn: nothing, error: nothing };
    const chain = defaultProvider({ ...input, logger, clientConfig: { requestHandler } });
    const provider: Provider = async (options) => {
      causes = [];
      try {
        return await inTime(chain(options));
      } catch (error) {
        throw withCause(error, causes[0]);
      }
    };
    return provider;
  };
}

function withCause(error: unknown, cause: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (path !== undefined)
    return providerError(`${visibleText(path)} cannot be read (${String(code)})`, error);
  // A profile with a gap makes some links throw what is meant for nobody.
  if (error instanceof TypeError && code === undefined)
    return providerError(`the profile cannot be used: ${error.message}`, error);
  const isUntold = error.name === 'CredentialsProviderError' && notMeant.test(error.message);
  return isUntold && cause !== undefined ? providerError(cause, error) : error;
}

function providerError(message: string, cause?: unknown): Error {
  const text = visibleText(message.trim().replaceAll(/\s*\n\s*/g, ': '));
  const name = 'CredentialsProviderError';
  return Object.assign(new Error(text.slice(0, longestCause), { cause }), { name });
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = `the credentials did not come within ${patienceMs / 1000} s: the credential_process of the profile hangs, or who is asked for them does not answer`;
  const timer = setTimeout(() => reject(providerError(late)), patienceMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
