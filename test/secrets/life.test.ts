// A whole life of a portal with marked secrets, failures included; then everything that was written, logged, told and
// shown is searched for them.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { rawClient } from '../rpc/raw-client.ts';
import { searcherOf, searchFiles, watchProcesses } from './searched.ts';

const secretAccessKey = 'marked-secret-access-key-8d1f0c';
const sessionToken = 'marked-session-token-51b7aa';

/** What ssh and rsync need; the rest is what shells and rsync set for themselves. */
const allowed = new Set([
  'PATH',
  'HOME',
  'USER',
  'LC_ALL',
  'LANG',
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
  'RSYNC_PID',
]);

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-secrets-', {
    credentials: [{ accessKeyId: 'AKIASANDBOX', secretAccessKey, sessionToken }],
    delays: {
      fleetFulfil: 50,
      pendingToRunning: 100,
      cloudInit: 300,
      attach: 50,
      detach: 50,
      terminate: 100,
    },
  });
  writeFileSync(join(fixture.folder, 'config.yaml'), 'log_level: debug\n');
});
after(() => fixture?.end());

test('no secret is written, logged, told or shown', async () => {
  const found = new Set<string>();
  const privateKey = readFileSync(join(fixture.project, 'key'), 'utf8').split('\n').slice(2, 4);
  const search = searcherOf(
    {
      'the secret access key': secretAccessKey,
      'the session token': sessionToken,
      'the private key': privateKey[0]?.slice(0, 40) ?? '',
      "the private key's other half": privateKey[1]?.slice(0, 40) ?? '',
      'a private key': 'OPENSSH PRIVATE KEY',
    },
    found,
  );
  const portald = await fixture.startPortald({
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    SSH_AUTH_SOCK: '/nonexistent/agent',
  });
  let complaints = '';
  portald.process.stderr?.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  const processes = watchProcesses(portald.process.pid ?? 0, search);
  const listener = await rawClient(join(fixture.folder, 'runtime', 'portald.sock'));
  let heard = '';
  listener.socket.on('data', (bytes) => (heard += bytes.toString()));
  await listener.ask(1, 'events.subscribe', {});

  try {
    fixture.specify('gpu', (example) => ({
      ...example,
      on_open: ['echo opened'],
    }));
    // Its first request has no answer that makes sense: errors tell much.
    await fixture.control.post('faults', [
      { action: 'RequestSpotFleet', kind: 'gibberish', status: 200, body: '<', count: 1 },
      { action: 'DescribeInstances', kind: 'error', code: 'SignatureDoesNotMatch', status: 403, count: 1 },
    ]);
    const user = portalUser(fixture, 'gpu');
    const opened = await user.open();
    writeFileSync(join(fixture.project, 'code', 'saved'), 'saved');
    await user.fileThere('/home/ubuntu/workspace/code/saved');
    searchFiles(join(fixture.folder, 'state'), search);
    searchFiles(join(fixture.folder, 'runtime'), search);
    const asked = [
      ['status', 'gpu'],
      ['why', 'gpu'],
      ['info', 'gpu'],
      ['events', 'gpu'],
      ['doctor', 'gpu'],
      ['volume', 'list', '--all'],
      ['orphans'],
      ['logs'],
    ];
    // What is told in words is in the JSON, too.
    for (const words of asked) {
      const { stdout, stderr } = await fixture.portalctl([...words, '--json']);
      search(`${stdout}${stderr}`, `portalctl ${words.join(' ')}`);
    }
    await fixture.control.post('credentials', { expired: true });
    await fixture.portalctl(['orphans']);
    await fixture.control.post('credentials', { expired: false });
    await fixture.control.post('notice', { instanceId: opened.instance?.id ?? '' });
    await user.until('open', opened.instance?.id ?? '');
    await user.close();
    await assertNothingLeft(fixture);
    portald.process.kill('SIGTERM');
    await eventually('portald ends', () => portald.process.exitCode !== null || undefined);
  } finally {
    processes.end();
    listener.socket.destroy();
  }

  searchFiles(join(fixture.folder, 'state'), search);
  search(portald.log(), "portald's stdout");
  search(complaints, "portald's stderr");
  search(heard, 'what was sent on the socket');
  assert.deepEqual([...found], []);
  assert.match(heard, /opened/, 'the events were heard');
  for (const program of ['ssh', 'rsync']) assert.ok(processes.programs.has(program), `${program} was seen`);
  assert.deepEqual(
    [...processes.variables].filter((name) => !allowed.has(name)),
    [],
  );
  for (const name of ['portald.log', 'installation', 'portals/gpu.json']) {
    assert.equal(statSync(join(fixture.folder, 'state', name)).mode & 0o777, 0o600, name);
  }
});

test('a secret that is there is found', () => {
  const found = new Set<string>();
  const search = searcherOf({ secret: 'marked-secret' }, found);
  for (const before of ['', 'x', 'xx', 'xxx']) {
    search(Buffer.from(`${before}marked-secret and more`).toString('base64'), `base64 ${before}`);
  }
  search('a marked-secret', 'text');
  search('nothing', 'elsewhere');
  assert.equal(found.size, 5);
});
