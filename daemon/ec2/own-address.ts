// This machine's address as the internet sees it, told by AWS's own service for that.
import { Agent, get } from 'node:https';
import { isIPv4 } from 'node:net';

const service = 'https://checkip.amazonaws.com';
const timeoutMs = 3000;
const longestAnswer = 64;

/** The IPv4 address; undefined when it cannot be found out. */
export async function ownAddress(signal: AbortSignal): Promise<string | undefined> {
  // Never through a proxy, which has an address of its own: SSH does not go through it either.
  const agent = new Agent();
  const { promise, resolve } = Promise.withResolvers<string>();
  const asking = get(
    service,
    { agent, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
        if (text.length > longestAnswer) asking.destroy();
      });
      answer.once('close', () => resolve(text.trim()));
    },
  );
  asking.once('error', () => resolve(''));
  const text = await promise;
  return isIPv4(text) ? text : undefined;
}
