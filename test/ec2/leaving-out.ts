// Stands between an AWS client and the sandbox, and leaves random elements out of the answers: every field of EC2's
// answers is optional, and a list may be empty once.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Chance } from '../crash/chance.ts';

export interface LeavingOut {
  readonly endpoint: string;
  /** Of so many elements one is left out from now on; 0 for none. */
  oneOf(count: number, chance?: Chance): void;
  /** How many were left out. */
  count(): number;
  end(): void;
}

export async function startLeavingOut(endpoint: string): Promise<LeavingOut> {
  let share = 0;
  let by: Chance | undefined;
  let leftOut = 0;
  const isLeftOut = (): boolean => {
    const is = share > 0 && by?.below(share) === 0;
    if (is) leftOut++;
    return is;
  };
  const target = new URL(endpoint);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (bytes: Buffer) => parts.push(bytes));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const body = answer.statusCode === 200 ? without(text, isLeftOut) : text;
        const { 'transfer-encoding': _cut, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 500, { ...kept, 'content-length': Buffer.byteLength(body) });
        outgoing.end(body);
      });
    });
    // The client sees a connection that was cut, and asks again.
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    oneOf(count, chance) {
      share = count;
      by = chance;
    },
    count: () => leftOut,
    end() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The document without the elements that `isLeftOut`; the outermost one stays. */
export function without(xml: string, isLeftOut: () => boolean): string {
  let kept = '';
  /** Depth of the element that is being left out. */
  let leaving: number | undefined;
  let depth = 0;
  for (const [token] of xml.matchAll(/<[^>]*>|[^<]+/g)) {
    const isTag = token.startsWith('<') && !token.startsWith('<?');
    const isEnd = token.startsWith('</');
    if (isTag && !isEnd) {
      depth++;
      if (leaving === undefined && depth > 1 && isLeftOut()) leaving = depth;
    }
    if (leaving === undefined) kept += token;
    if (isTag && (isEnd || token.endsWith('/>'))) {
      if (leaving === depth) leaving = undefined;
      depth--;
    }
  }
  return kept;
}
