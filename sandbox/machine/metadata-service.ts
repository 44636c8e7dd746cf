// The instance metadata service, version 2: what a connection to 169.254.169.254:80 from the instance sees.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the service tells about its instance at this moment; undefined is a 404. */
export type MetadataSource = {
  now: () => number;
  newToken(): string;
  /** The value at a path under /latest/, such as `meta-data/instance-id`. */
  read(path: string): string | undefined;
};

/** Makes the service of one instance. It listens nowhere: connections are handed to it with `emit('connection')`. */
export function metadataService(source: MetadataSource): Server {
  const tokens = new Map<string, number>();
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response, source, tokens);
  });
  server.keepAliveTimeout = 0;
  return server;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: MetadataSource,
  tokens: Map<string, number>,
) {
  const send = (status: number, body = '') => {
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  const path = (request.url ?? '').replace(/^\/(latest\/?)?/, '').replace(/\/$/, '');
  if (path === 'api/token') {
    if (request.method !== 'PUT') return send(405);
    const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? Number.NaN);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 21_600) return send(400);
    const token = source.newToken();
    tokens.set(token, source.now() + seconds * 1000);
    response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', String(seconds));
    return send(200, token);
  }
  if (request.method !== 'GET') return send(405);
  const expiresMs = tokens.get(String(request.headers['x-aws-ec2-metadata-token'] ?? ''));
  if (expiresMs === undefined || expiresMs <= source.now()) return send(401);
  const value = source.read(path);
  return value === undefined ? send(404) : send(200, value);
}
