// The watch of an instance's metadata, through the SSH connection and by curl on the instance.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateHostKey } from '../../daemon/remote/host-key.ts';
import { readNotice } from '../../daemon/remote/metadata-watch.ts';
import { eventually } from '../fixture/eventually.ts';
import { startHostileServer, targetOf } from './hostile-server.ts';
import { startInstance } from './instance.ts';
import { connectTo } from './link-fixture.ts';
import {
  createMetadataService,
  instanceAction,
  type MetadataService,
  rebalance,
} from './metadata-service.ts';

const notice = JSON.stringify({ action: 'terminate', time: '2026-11-23T10:02:00Z' });
const deadline = Date.parse('2026-11-23T10:02:00Z');

async function throughTunnel(
  work: (service: MetadataService, link: ReturnType<typeof connectTo>, attempts: string[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portald-test-'));
  const identityFile = join(folder, 'identity');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  const service = createMetadataService();
  const hostKey = generateHostKey();
  try {
    await using server = await startHostileServer({
      hostKeys: [hostKey.privateKey],
      metadata: (channel) => service.server.emit('connection', channel),
      exec: (_command, channel) => {
        channel.write('portald:begin\n');
        channel.exit(0);
        channel.end();
      },
    });
    await using link = connectTo(folder, targetOf(server.port, identityFile, [hostKey.publicKey]));
    await work(service, link, server.attempts);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a notice and a recommendation are told, over one forwarded connection', () =>
  throughTunnel(async (service, link, attempts) => {
    await eventually('it is asked', () => service.asked.filter((one) => one.startsWith('GET')).length > 5);
    assert.equal(link.status().notice, undefined);
    assert.equal(service.asked.filter((one) => one.startsWith('PUT')).length, 1, 'the token is kept');
    service.answers.set(rebalance, JSON.stringify({ noticeTime: '2026-11-23T09:00:00Z' }));
    await eventually('the recommendation is told', () => link.status().rebalanceRecommended);
    service.answers.set(instanceAction, notice);
    const told = await eventually('the notice is told', () => link.status().notice);
    assert.deepEqual(told, { action: 'terminate', deadline });
    const forwards = attempts.filter((one) => one.startsWith('forward'));
    assert.deepEqual(forwards, ['forward 169.254.169.254:80']);
  }));

test('garbage is ignored, an expired token renewed, and the first notice stays', () =>
  throughTunnel(async (service, link) => {
    service.answers.set(instanceAction, '<html>not json');
    await eventually(
      'it is asked',
      () => service.asked.filter((one) => one.endsWith('instance-action')).length > 3,
    );
    assert.equal(link.status().notice, undefined);
    service.forgetTokens();
    service.answers.set(instanceAction, notice);
    await eventually('the notice is told', () => link.status().notice);
    service.answers.set(
      instanceAction,
      JSON.stringify({ action: 'terminate', time: '2026-11-23T11:00:00Z' }),
    );
    const count = service.asked.length;
    await eventually('it is asked on', () => service.asked.length > count + 3);
    assert.equal(link.status().notice?.deadline, deadline);
  }));

test('curl on the instance is asked where forwarding is forbidden', async () => {
  const service = createMetadataService();
  service.server.listen(0, '127.0.0.1');
  await once(service.server, 'listening');
  const address = service.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const curl = `#!/bin/sh\nexec /usr/bin/curl --connect-to 169.254.169.254:80:127.0.0.1:${port} "$@"\n`;
    await using instance = await startInstance({ programs: { curl } });
    await using link = connectTo(instance.folder, instance.target);
    await eventually('it is asked', () => service.asked.some((one) => one.endsWith('instance-action')));
    service.answers.set(instanceAction, notice);
    const told = await eventually('the notice is told', () => link.status().notice);
    assert.deepEqual(told, { action: 'terminate', deadline });
  } finally {
    service.server.closeAllConnections();
    service.server.close();
  }
});

test('only what makes sense is a notice', () => {
  assert.deepEqual(readNotice(notice), { action: 'terminate', deadline });
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"action":"terminate"}',
    '{"action":"dance","time":"2026-11-23T10:02:00Z"}',
    '{"action":"terminate","time":"soon"}',
    '{"action":"terminate","time":"2026-13-45T99:99:99Z"}',
    '{"action":1,"time":2}',
  ]) {
    assert.equal(readNotice(body), undefined, body);
  }
});
