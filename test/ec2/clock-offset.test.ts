// AWS's time, learnt from the Date of its answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createClockOffset } from '../../daemon/ec2/clock-offset.ts';

const now = Date.parse('2026-11-24T12:00:00.400Z');

test('a clock that is right within two seconds is taken as it is', () => {
  const clock = createClockOffset();
  for (const date of ['Tue, 24 Nov 2026 12:00:00 GMT', 'Tue, 24 Nov 2026 12:00:01 GMT', undefined, 'soon']) {
    clock.learn(date, now);
    assert.equal(clock.offsetMs(), 0, `${date}`);
  }
});

test('a clock that is off is put right, and does not tremble with every answer', () => {
  const clock = createClockOffset();
  clock.learn('Tue, 24 Nov 2026 12:10:00 GMT', now);
  const offset = clock.offsetMs();
  assert.equal(offset, 600_100);
  clock.learn('Tue, 24 Nov 2026 12:10:01 GMT', now + 900);
  assert.equal(clock.offsetMs(), offset);
});

test('a clock that jumps is put right by the next answer', () => {
  const clock = createClockOffset();
  clock.learn('Tue, 24 Nov 2026 12:10:00 GMT', now);
  clock.learn('Tue, 24 Nov 2026 12:10:02 GMT', now + 602_000);
  assert.equal(clock.offsetMs(), 0);
});

test('the AWS client learns it from every answer, refusals included', async (t) => {
  const ahead = new Date(Date.now() + 3_600_000);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(400, { date: ahead.toUTCString(), 'content-type': 'text/xml' });
    response.end(
      '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>',
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  process.env['AWS_ENDPOINT_URL_EC2'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIATEST';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  const aws = createAws({ region: 'eu-central-1', environment: {} });
  t.after(() => aws.close());
  assert.equal(aws.clockOffsetMs(), 0);
  await assert.rejects((await aws.client()).describeInstances({}));
  const minutes = Math.round(aws.clockOffsetMs() / 60_000);
  assert.equal(minutes, 60);
});
