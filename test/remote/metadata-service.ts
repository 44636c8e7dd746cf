// An instance metadata service (IMDSv2) that the test steers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface MetadataService {
  readonly server: Server;
  /** Answers by path; 404 for all others. */
  readonly answers: Map<string, string>;
  /** Makes the tokens given so far worthless. */
  forgetTokens(): void;
  readonly asked: string[];
}

export const instanceAction = '/latest/meta-data/spot/instance-action';
export const rebalance = '/latest/meta-data/events/recommendations/rebalance';

export function createMetadataService(): MetadataService {
  const answers = new Map<string, string>();
  const asked: string[] = [];
  let tokens = 1;
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      const isAsked = request.headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined;
      response.writeHead(isAsked ? 200 : 400).end(`token-${tokens}`);
    } else if (request.headers['x-aws-ec2-metadata-token'] !== `token-${tokens}`)
      response.writeHead(401).end();
    else {
      const answer = answers.get(request.url ?? '');
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    }
  };
  return {
    server: createServer(respond),
    answers,
    asked,
    forgetTokens: () => {
      tokens++;
    },
  };
}
