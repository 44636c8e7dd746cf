// Asks the instance metadata service, which answers only to the instance itself: through the SSH connection, or, when
// the server forbids forwarding, with curl on the instance.
import { Agent, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { PortalError } from '../../protocol/errors.ts';
import type { RunScript } from './remote-command.ts';
import type { Client } from './ssh2.ts';

export interface MetadataAnswer {
  readonly status: number;
  readonly body: string;
}

export interface MetadataRequests {
  /** Asks for `path` with these headers. Rejects on any failure. */
  ask(
    method: 'GET' | 'PUT',
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<MetadataAnswer>;
  /** Ends the connection that is kept open. */
  close(): void;
}

const address = '169.254.169.254';
const timeoutMs = 5000;
const largestBodyBytes = 16 * 1024;

/** Requests over `client`; `run` for the way with curl. */
export function createMetadataRequests(client: Client, run: RunScript): MetadataRequests {
  const agent = tunnelAgent(client);
  let isForbidden = false;
  return {
    async ask(method, path, headers) {
      if (isForbidden) return askByCurl(run, method, path, headers);
      try {
        return await askThroughTunnel(agent, method, path, headers);
      } catch (error) {
        if (!isProhibited(error)) throw error;
        isForbidden = true;
        return askByCurl(run, method, path, headers);
      }
    },
    close: () => agent.destroy(),
  };
}

function tunnelAgent(client: Client): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (_options, callback) => {
    try {
      client.forwardOut('127.0.0.1', 0, address, 80, (error, channel) => {
        if (error) callback?.(error, channel);
        else callback?.(null, asSocket(channel));
      });
    } catch (error) {
      callback?.(error instanceof Error ? error : new Error(String(error)), undefined as never);
    }
    return undefined;
  };
  return agent;
}

/** node:http calls a socket's methods that a channel has no use for. */
function asSocket(channel: Duplex): Duplex {
  const nothing = (): void => {};
  return Object.assign(channel, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => channel.destroy(),
  });
}

function askThroughTunnel(
  agent: Agent,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<MetadataAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const asking = request({ agent, host: address, method, path, headers, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > largestBodyBytes) response.destroy(new Error('too long an answer'));
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

const curlScript = `
method=$1 url=$2
shift 2
exec curl --silent --show-error --noproxy '*' --max-time 5 --request "$method" "$@" --write-out '\\n%{http_code}' "$url"
`;

async function askByCurl(
  run: RunScript,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<MetadataAnswer> {
  const options = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const { code, stdout } = await run(curlScript, [method, `http://${address}${path}`, ...options]);
  if (code !== 0)
    throw new PortalError('ssh', `the metadata service did not answer (curl ended with ${code})`);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

function isProhibited(error: unknown): boolean {
  const administrativelyProhibited = 1;
  return error instanceof Error && 'reason' in error && error.reason === administrativelyProhibited;
}
