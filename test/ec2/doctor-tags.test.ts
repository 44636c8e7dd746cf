// What an EC2 that knows no dry runs might make of doctor's questions carries our tag: it is found and ended, whatever
// becomes of the answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { launches } from '../../daemon/ec2/permission-questions.ts';

test('what would cost something is asked with the tag of this installation', async (context) => {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(new URLSearchParams(Buffer.concat(parts).toString()));
      response.writeHead(412, { 'content-type': 'text/xml' });
      response.end(
        '<Response><Errors><Error><Code>DryRunOperation</Code><Message>Request would have succeeded.</Message></Error></Errors></Response>',
      );
    });
  }).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  const clock = createAwsClock(Date.now, () => performance.now());
  const aws = createAws({ environment: process.env, clock });
  context.after(aws.close);
  const ec2 = await aws.client();
  await assert.rejects(launches['ec2:RequestSpotFleet'](ec2, '123456789012', 'mine'), {
    name: 'DryRunOperation',
  });
  await assert.rejects(launches['ec2:RunInstances'](ec2, 'mine'), { name: 'DryRunOperation' });
  assert.deepEqual(
    asked.map((one) => [one.get('Action'), one.get('DryRun')]),
    [
      ['RequestSpotFleet', 'true'],
      ['RunInstances', 'true'],
    ],
  );
  for (const one of asked) {
    const [key = ''] = [...one].find(([, value]) => value === 'portald:installation') ?? [];
    assert.equal(one.get(key.replace(/\.Key$/, '.Value')), 'mine', one.toString());
  }
});
