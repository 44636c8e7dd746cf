// This machine's address as the internet sees it, told by AWS's own service for that.
import { isIPv4 } from 'node:net';

const service = 'https://checkip.amazonaws.com';
const timeoutMs = 3000;

/** The IPv4 address; undefined when it cannot be found out. */
export async function ownAddress(signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(service, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = (await answer.text()).trim();
    return isIPv4(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
