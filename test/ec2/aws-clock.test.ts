// AWS's time, learnt from the Date of its answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';

const start = Date.parse('2026-11-24T12:00:00.400Z');

function clockAt(wallMs = start) {
  const machine = { wallMs, ticksMs: 5000 };
  const clock = createAwsClock(
    () => machine.wallMs,
    () => machine.ticksMs,
  );
  return { machine, clock };
}

test('a clock that is right within two seconds is taken as it is', () => {
  const { clock } = clockAt();
  for (const date of ['Tue, 24 Nov 2026 12:00:00 GMT', 'Tue, 24 Nov 2026 12:00:01 GMT', undefined, 'soon']) {
    clock.learn(date);
    assert.equal(clock.now(), start, `${date}`);
  }
});

test('a clock that is off is put right, and does not tremble with every answer', () => {
  const { machine, clock } = clockAt();
  clock.learn('Tue, 24 Nov 2026 12:10:00 GMT');
  assert.equal(clock.now(), Date.parse('2026-11-24T12:10:00.500Z'));
  machine.ticksMs += 900;
  clock.learn('Tue, 24 Nov 2026 12:10:02 GMT');
  assert.equal(clock.now(), Date.parse('2026-11-24T12:10:01.400Z'));
});

test('a clock that is set while portald runs changes nothing', () => {
  const { machine, clock } = clockAt();
  machine.wallMs -= 3_600_000;
  machine.ticksMs += 1000;
  assert.equal(clock.now(), start + 1000);
});

test('after a sleep, which the ticks do not count, the next answer puts it right', () => {
  const { machine, clock } = clockAt();
  machine.wallMs += 3_600_000;
  clock.learn('Tue, 24 Nov 2026 13:00:00 GMT');
  assert.equal(clock.now(), Date.parse('2026-11-24T13:00:00.500Z'));
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
  const { clock } = clockAt(Date.now());
  const aws = createAws({ region: 'eu-central-1', environment: {}, clock });
  t.after(() => aws.close());
  await assert.rejects((await aws.client()).describeInstances({}));
  assert.equal(clock.now(), Math.floor(ahead.getTime() / 1000) * 1000 + 500);
});
