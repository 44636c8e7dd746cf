// AWS's errors, row by row: what a person is told, and whether a call may have worked all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortAwsError } from '../../daemon/ec2/aws-errors.ts';

function awsError(name: string, message: string, status?: number): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: status === undefined ? {} : { httpStatusCode: status },
  });
}

const rows: [string, Error, string][] = [
  ['expired keys', awsError('RequestExpired', 'Request has expired.', 400), 'credentials'],
  [
    'wrong keys',
    awsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    'credentials',
  ],
  [
    'no keys',
    awsError('CredentialsProviderError', 'Could not load credentials from any providers'),
    'credentials',
  ],
  ['no right', awsError('UnauthorizedOperation', 'You are not authorized', 403), 'permission'],
  ['no Region', new Error('Region is missing'), 'region-missing'],
  ['throttled', awsError('RequestLimitExceeded', 'Request limit exceeded.', 503), 'throttled'],
  ['quota', awsError('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded', 400), 'quota'],
  ['capacity', awsError('InsufficientInstanceCapacity', 'no capacity', 500), 'capacity'],
  ['a zone that differs', awsError('InvalidVolume.ZoneMismatch', 'zone', 400), 'zone'],
  ['an unknown volume', awsError('InvalidVolume.NotFound', 'The volume does not exist', 400), 'not-found'],
  [
    'an unknown key pair',
    awsError('InvalidKeyPair.NotFound', 'The key pair does not exist', 400),
    'key-pair',
  ],
  ['a server error without a code', awsError('Error', 'UnknownError', 500), 'endpoint'],
  ['an answer that cannot be read', awsError('Error', 'XML parse error', 200), 'endpoint'],
  ['a page of somebody else', awsError('UnknownError', 'UnknownError', 302), 'endpoint'],
  [
    'a refused connection',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    'endpoint',
  ],
  ['a dropped connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'endpoint'],
  ['a time-out', awsError('TimeoutError', 'Request timed out'), 'endpoint'],
  [
    'anything else that AWS refuses',
    awsError('InvalidParameterValue', 'Value (x) is invalid', 400),
    'configuration',
  ],
];

test("an answer that cannot be read is told in our words, not the SDK's", () => {
  for (const [said, status, expected] of [
    ['UnknownError', 500, /an answer that cannot be read, HTTP 500/],
    [
      "Unclosed tag 'item'.:1:62\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.",
      200,
      /an answer that cannot be read, HTTP 200/,
    ],
    ["char '<' is not expected.:1:1", undefined, /\(an answer that cannot be read\)/],
  ] as const) {
    const { kind, message } = sortAwsError(awsError('Error', said, status), 'asking');
    assert.equal(kind, 'endpoint');
    assert.match(message, expected);
    assert.doesNotMatch(message, /Deserialization|tag|char/);
  }
});

for (const [what, error, kind] of rows) {
  test(`${what} is told as ${kind}`, () => {
    const told = sortAwsError(error, 'doing a thing');
    assert.equal(told.kind, kind);
    assert.ok(told.hint, 'there is a hint');
    if (kind !== 'endpoint' && '$metadata' in error && Object.keys(error.$metadata as object).length > 0)
      assert.ok(told.message.endsWith(`(${error.name})`), `AWS's own code is told: ${told.message}`);
  });
}

const hints: [code: string, status: number, hint: RegExp][] = [
  ['SpotMaxPriceTooLow', 400, /instance_types find a place/],
  ['OptInRequired', 401, /accept the terms/],
  ['Blocked', 400, /AWS Support/],
  ['PendingVerification', 400, /still verifying/],
  ['AttachmentLimitExceeded', 400, /takes no more volumes/],
  ['InternalError', 500, /trouble of its own/],
  ['Unavailable', 503, /trouble of its own/],
];
for (const [code, status, hint] of hints) {
  test(`what can be done about ${code}`, () => {
    assert.match(sortAwsError(awsError(code, 'no', status), 'doing a thing').hint ?? '', hint);
  });
}
