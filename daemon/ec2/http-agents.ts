// How AWS is called: through which proxy, and which authorities are trusted. Both from the variables that `aws` reads.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { PortalError } from '../../protocol/errors.ts';
import { readRegularFile } from '../../protocol/regular-file.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { type Environment, proxiesOf, proxyVariables } from './proxy.ts';

export interface HttpAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** More than the calls that portald makes at once. */
const maxSockets = 50;
const largestBundleBytes = 16 * 1024 * 1024;

/** Owned by the caller. Rejects with PortalError `configuration`. */
export async function createHttpAgents(environment: Environment): Promise<HttpAgents> {
  const proxyEnv = proxyVariables(proxiesOf(environment));
  const ca = await authorities(environment['AWS_CA_BUNDLE']);
  const options = { keepAlive: true, maxSockets, proxyEnv };
  return {
    httpAgent: new HttpAgent(options),
    httpsAgent: new HttpsAgent({ ...options, ...(ca !== undefined && { ca }) }),
  };
}

/** In their place, not beside the ones of the system: as for `aws`. */
async function authorities(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  const refuse = (why: string, cause?: unknown): PortalError =>
    new PortalError('configuration', `AWS_CA_BUNDLE, ${visibleText(path)}, ${why}`, {
      hint: 'name a file of certificates (PEM), or unset it, where portald is started',
      cause,
    });
  let text: string;
  try {
    text = (await readRegularFile(path, largestBundleBytes)).bytes.toString();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EFBIG') throw refuse('is too large to be a file of certificates');
    throw refuse(code === 'ENOTREG' ? 'is not a regular file' : `cannot be read (${code})`, error);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse('holds no certificate');
  return text;
}
