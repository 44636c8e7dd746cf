// Fault rules that hold calls, count them, or answer nonsense: what the tests of crashes stand on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateVolumeCommand, DescribeVolumesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { type SandboxFixture, startSandbox, zone } from './sandbox-fixture.ts';

const create = (ec2: EC2Client, abortSignal: AbortSignal) =>
  ec2.send(new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1 }), { abortSignal });
const volumesOf = async (ec2: EC2Client) =>
  (await ec2.send(new DescribeVolumesCommand({}))).Volumes?.length ?? 0;
const held = (control: SandboxFixture['control']) =>
  eventually('a call is held', async () => {
    const rules = Object.values(await control('GET', 'faults')) as { holding: number }[];
    return rules.some((rule) => rule.holding === 1);
  });

test('a call held before is not carried out when its client gives up; the rule is gone then', async (t) => {
  const { ec2, control } = await startSandbox(t);
  await control('POST', 'faults', [{ action: 'changing', kind: 'hold-before', skip: 1, count: 1 }]);
  const patient = new AbortController();
  await create(ec2, patient.signal);
  const second = create(ec2, patient.signal);
  await held(control);
  assert.equal(await volumesOf(ec2), 1, 'calls that change nothing go by');
  patient.abort();
  await assert.rejects(second);
  await eventually('the rule is gone', async () => Object.keys(await control('GET', 'faults')).length === 0);
  assert.equal(await volumesOf(ec2), 1);
});

test('a call held after is carried out, and answered once the rule is removed', async (t) => {
  const { ec2, control } = await startSandbox(t);
  const { ids } = await control('POST', 'faults', [{ action: 'CreateVolume', kind: 'hold-after' }]);
  const made = create(ec2, new AbortController().signal);
  await held(control);
  assert.equal(await volumesOf(ec2), 1);
  await control('DELETE', `faults/${String((ids as string[])[0])}`);
  assert.match((await made).VolumeId ?? '', /^vol-/);
});

test('gibberish is an answer without a code', async (t) => {
  const { client, control } = await startSandbox(t);
  const once = client({ maxAttempts: 1 });
  for (const body of [{}, { body: '<html>busy</html>' }, { body: 'busy' }]) {
    await control('POST', 'faults', [{ action: '*', kind: 'gibberish', status: 503, count: 1, ...body }]);
    await assert.rejects(volumesOf(once), (error: unknown) => {
      const { $metadata } = error as { $metadata: { httpStatusCode: number } };
      return $metadata.httpStatusCode === 503;
    });
  }
});
