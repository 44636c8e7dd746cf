// Signature Version 4, checked completely, with EC2's refusals.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { World } from '../world/world.ts';
import { Ec2Error } from './error.ts';

/** A request as it arrived. `path` holds the query string too. */
export type SignedRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer };

export type Credential = World['credentials'][number];

const toleratedSkewMs = 5 * 60_000;
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const mismatch = (why: string) => new Ec2Error('SignatureDoesNotMatch', why, 403);
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Returns whose request it is. Throws AWS's refusal if the signature is absent, late, of someone else or wrong. */
export function verifySignature(
  request: SignedRequest,
  world: World,
  nowMs: number,
  ofService = 'ec2',
): Credential {
  const header = request.headers.authorization;
  if (!header)
    throw new Ec2Error('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (!parts)
    throw new Ec2Error(
      'IncompleteSignature',
      'Authorization header is not a complete AWS4-HMAC-SHA256 signature',
    );
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] =
    parts;
  const unknown = new Ec2Error(
    'AuthFailure',
    'AWS was not able to validate the provided access credentials',
    401,
  );
  const credential = world.credentials.find((known) => known.accessKeyId === accessKeyId);
  if (!credential) throw unknown;
  if (region !== world.region || service !== ofService) {
    throw mismatch(
      `Credential should be scoped to a valid region and service: ${world.region}/${ofService}, not ${region}/${service}.`,
    );
  }
  const time = String(request.headers['x-amz-date'] ?? '');
  const sentMs = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(sentMs) || !time.startsWith(date))
    throw mismatch('The date of the request and of its credential scope differ.');
  if (Math.abs(sentMs - nowMs) > toleratedSkewMs)
    throw new Ec2Error('RequestExpired', 'Request has expired.');
  const names = signedHeaders.split(';');
  if (!names.includes('host')) throw mismatch("'Host' must be a 'SignedHeader'.");
  const bodyHash = sha256(request.body);
  const claimedHash = request.headers['x-amz-content-sha256'];
  if (claimedHash !== undefined && claimedHash !== bodyHash)
    throw mismatch('The body does not match its hash.');
  const [path = '/', query = ''] = request.path.split('?');
  const canonical = [
    request.method,
    path,
    query.split('&').toSorted().join('&'),
    ...names.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}`,
    ),
    '',
    signedHeaders,
    bodyHash,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credential.secretAccessKey}`,
  );
  const expected = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n'));
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw mismatch('The request signature we calculated does not match the signature you provided.');
  }
  if (credential.sessionToken !== request.headers['x-amz-security-token']) throw unknown;
  if (credential.expired) throw new Ec2Error('RequestExpired', 'Request has expired.');
  return credential;
}
