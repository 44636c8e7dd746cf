// What answers in the place of EC2 is told as that, and nothing is concluded from it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { foreignAnswer } from '../../daemon/ec2/answer-form.ts';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createDescribe } from '../../daemon/ec2/describe.ts';

let answer = { status: 200, type: 'text/html', body: '<html>Please log in</html>' };
const server = createServer((request, response) => {
  request.resume();
  response
    .writeHead(answer.status, answer.type === '' ? {} : { 'content-type': answer.type })
    .end(answer.body);
});
let aws: Aws;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  });
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  server.closeAllConnections();
  server.close();
});

const rows: [what: string, given: typeof answer, message: RegExp, hint: RegExp][] = [
  [
    'the login page of a network',
    answer,
    /something else than AWS answered \(HTTP 200, text\/html\)/,
    /log in there/,
  ],
  [
    'a proxy that refuses',
    { status: 403, type: 'text/html; charset=utf-8', body: '<h1>Forbidden</h1>' },
    /\(HTTP 403, text\/html\)/,
    /let AWS through/,
  ],
  ['a proxy that wants a login', { status: 407, type: '', body: '' }, /\(HTTP 407\)/, /proxy/],
  [
    'a bare page for a fault',
    { status: 500, type: 'text/plain', body: 'Internal Server Error' },
    /\(HTTP 500, text\/plain\)/,
    /trouble of its own/,
  ],
  [
    'a text that ends too early',
    { status: 200, type: 'text/xml', body: '<DescribeVolumesResponse><volumeS' },
    /no clear answer/,
    /network/,
  ],
];
for (const [what, given, message, hint] of rows) {
  test(what, async () => {
    answer = given;
    await assert.rejects(createDescribe(aws).volumes(['vol-1']), { kind: 'endpoint', message, hint });
  });
}

test("EC2's own answers are none of these", () => {
  const own: [number, string | undefined][] = [
    [200, 'text/xml;charset=UTF-8'],
    [400, 'text/xml'],
    [200, 'application/x-amz-json-1.1'],
    [503, undefined],
  ];
  for (const [status, type] of own) assert.equal(foreignAnswer(status, type), undefined);
});
