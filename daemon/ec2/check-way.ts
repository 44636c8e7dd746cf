// By which way AWS is called: what is worth telling of the proxy and the authorities, by the environment of portald.
import type { CheckView } from '../../protocol/check-view.ts';
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { createHttpAgents } from './http-agents.ts';
import { type Environment, proxiesOf, proxyFor, shownProxy } from './proxy.ts';

/** For calls to `endpoint`; none for a way without anything between. A `problem` keeps all calls from being made. */
export async function checkWay(environment: Environment, endpoint: string): Promise<CheckView[]> {
  try {
    const { httpAgent, httpsAgent } = await createHttpAgents(environment);
    httpAgent.destroy();
    httpsAgent.destroy();
    return [...proxyCheck(environment, endpoint), ...authoritiesCheck(environment['AWS_CA_BUNDLE'] ?? '')];
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const { message, hint } = error;
    return [{ topic: 'proxy', level: 'problem', message, ...(hint !== undefined && { fix: hint }) }];
  }
}

function proxyCheck(environment: Environment, endpoint: string): CheckView[] {
  const proxies = proxiesOf(environment);
  if ((proxies.https ?? proxies.http) === undefined || !URL.canParse(endpoint)) return [];
  const address = new URL(endpoint);
  const proxy = proxyFor(address, proxies);
  const host = visibleText(address.host);
  const message =
    proxy === undefined
      ? `calls to ${host} go through none, by NO_PROXY or the scheme of the address`
      : `calls to ${host} go through ${shownProxy(proxy)}`;
  return [{ topic: 'proxy', level: 'fine', message }];
}

function authoritiesCheck(path: string): CheckView[] {
  if (path === '') return [];
  const message = `AWS is believed by the certificates of ${visibleText(path)} alone (AWS_CA_BUNDLE)`;
  return [{ topic: 'certificates', level: 'fine', message }];
}
