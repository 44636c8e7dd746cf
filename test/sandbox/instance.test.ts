// Instances: SSH, isolation from the host, sudo, metadata, rsync, pip, host keys.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { GetConsoleOutputCommand, type Instance } from '@aws-sdk/client-ec2';
import ssh2 from 'ssh2';
import { generateEd25519 } from '../../daemon/remote/ssh2.ts';
import { eventually } from '../fixture/eventually.ts';
import {
  connect,
  endOfFile,
  fleetOf,
  instancesOfFleet,
  run,
  type SandboxFixture,
  sshOptions,
  startSandbox,
} from './sandbox-fixture.ts';

const end = endOfFile();
let fixture: SandboxFixture;
/** Of all tests that leave it as it was; the others launch their own. */
let instance: Instance;
before(async () => {
  fixture = await startSandbox(end, { packages: { numpy: ['1.0.0', '2.0.0'] } });
  ({ instance } = await fixture.launch());
});

test('commands over SSH: streams, status, signals, user, terminal, keep-alive', async () => {
  const { ssh } = fixture;
  const first = await ssh(instance, 'whoami; pwd; echo oops >&2; exit 7');
  assert.deepEqual(first, { code: 7, out: 'ubuntu\n/home/ubuntu\n', err: 'oops\n' });
  assert.equal((await ssh(instance, 'kill -9 $$')).code, 255);
  const terminal = await run('ssh', [
    '-tt',
    ...sshOptions(fixture),
    `ubuntu@${instance.PublicIpAddress}`,
    'tty; exit 3',
  ]);
  assert.deepEqual([terminal.code, terminal.out], [3, '/dev/pts/0\r\n']);
  const alive = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1'];
  const answered = await run('ssh', [
    ...alive,
    ...sshOptions(fixture),
    `ubuntu@${instance.PublicIpAddress}`,
    'sleep 2.5',
  ]);
  assert.equal(answered.code, 0);
  const large = await ssh(instance, 'head -c 3000000 /dev/zero | tr "\\0" x');
  assert.equal(large.out.length, 3_000_000);
});

test('nothing of the host is reachable', async () => {
  const { ssh, folder } = fixture;
  const shown = async (command: string) => (await ssh(instance, command)).out.trim();
  const code = async (command: string) => (await ssh(instance, command)).code;
  assert.equal(await shown(`ls -d ${folder} ${process.cwd()} /root/.ssh /sys/* /boot 2>/dev/null`), '');
  assert.equal(await shown(`kill -0 ${process.pid} 2>/dev/null && echo alive`), '');
  assert.match(await shown('ls /proc | grep -c "^[0-9]"'), /^[1-9]$/);
  assert.equal(await shown('find /dev -type b'), '');
  assert.notEqual(await code('touch /usr/written'), 0);
  assert.notEqual(await code('chmod 600 /dev/null'), 0);
  assert.notEqual(await code('echo 1 > /proc/sys/vm/swappiness'), 0);
  for (const command of [
    'mount -t tmpfs none /mnt',
    'mount -o remount,rw /usr',
    'mount -t proc none /mnt',
    'umount /usr',
  ]) {
    assert.notEqual(await code(`/usr/bin/${command}`), 0, command);
  }
  assert.notEqual(await code('mknod /tmp/disk b 254 0'), 0);
  assert.notEqual(await code('hostname elsewhere'), 0);
});

test('sudo runs what the list has, and refuses the rest', async () => {
  const { ssh } = fixture;
  const refused = await ssh(instance, 'sudo rm -rf /tmp/x');
  assert.deepEqual(refused, { code: 1, out: '', err: 'sudo: rm: not allowed in the sandbox\n' });
  for (const command of [
    'sudo sh -c true',
    'sudo dd if=/dev/zero of=/dev/nvme0n1',
    'sudo -i',
    'sudo wipefs -a /dev/nvme0n1',
  ]) {
    const { code, err } = await ssh(instance, command);
    assert.equal(code, 1, command);
    assert.match(err, /not allowed in the sandbox/);
  }
  const allowed = await ssh(
    instance,
    'printf text | sudo -n tee /opt/file; sudo -- stat -c %s /opt/file; sudo test -e /none',
  );
  assert.deepEqual(allowed, { code: 1, out: 'text4\n', err: '' });
});

test('the key is refused until cloud-init has run, and other users and keys always', async (t) => {
  const fixture = await startSandbox(t, { delays: { cloudInit: 400 } });
  const { instance } = await fixture.launch();
  const early = await run('ssh', [...sshOptions(fixture), `ubuntu@${instance.PublicIpAddress}`, 'true']);
  assert.match(early.err, /Permission denied/);
  await fixture.ssh(instance, 'true');
  const other = await run('ssh', [...sshOptions(fixture), `root@${instance.PublicIpAddress}`, 'true']);
  assert.match(other.err, /Permission denied/);
});

test('the host key comes from the user data, and the console prints it', async () => {
  const keys = generateEd25519();
  const indented = keys.privateKey
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  const userData = `#cloud-config\nssh_deletekeys: true\nssh_keys:\n  ed25519_private: |\n${indented}\n  ed25519_public: ${keys.publicKey}\n`;
  const [specification] = fleetOf().LaunchSpecifications ?? [];
  const UserData = Buffer.from(userData).toString('base64');
  const { instance } = await fixture.launch({ LaunchSpecifications: [{ ...specification, UserData }] });
  const publicPart = keys.publicKey.split(' ')[1] ?? '';
  const known = join(fixture.folder, 'known_hosts');
  await writeFile(
    known,
    `[${instance.PublicIpAddress}]:${fixture.ready.sshPort} ssh-ed25519 ${publicPart}\n`,
  );
  const strict = ['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${known}`];
  await fixture.ssh(instance, 'true');
  const { code } = await run('ssh', [
    ...strict,
    ...sshOptions(fixture),
    `ubuntu@${instance.PublicIpAddress}`,
    'true',
  ]);
  assert.equal(code, 0);
  const text = await eventually('console output', async () => {
    const { Output } = await fixture.ec2.send(
      new GetConsoleOutputCommand({ InstanceId: instance.InstanceId }),
    );
    return Output !== undefined && Buffer.from(Output, 'base64').toString();
  });
  assert.match(text, /-----BEGIN SSH HOST KEY KEYS-----\r\nssh-ed25519 /);
  assert.ok(text.includes(publicPart));
});

test('metadata through direct-tcpip, and nothing else', async (t) => {
  const { instance } = await fixture.launch();
  await fixture.ssh(instance, 'true');
  const client = await connect(fixture, instance);
  t.after(() => client.end());
  const open = (host: string, port: number) =>
    new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const channel = await open('169.254.169.254', 80);
    const lines = Object.entries({ host: '169.254.169.254', connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    channel.end(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    let answer = '';
    for await (const data of channel) answer += String(data);
    return { status: Number(answer.split(' ')[1]), body: answer.split('\r\n\r\n')[1] ?? '' };
  };
  await assert.rejects(open('127.0.0.1', 22));
  assert.equal((await ask('GET', '/latest/meta-data/instance-id', {})).status, 401);
  const token = (await ask('PUT', '/latest/api/token', { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }))
    .body;
  const read = (path: string) =>
    ask('GET', `/latest/meta-data/${path}`, { 'X-aws-ec2-metadata-token': token });
  assert.equal((await read('instance-id')).body, instance.InstanceId);
  assert.equal((await read('spot/instance-action')).status, 404);
  assert.equal((await read('events/recommendations/rebalance')).status, 404);
  await fixture.control('POST', 'rebalance', { instanceId: instance.InstanceId });
  assert.match((await read('events/recommendations/rebalance')).body, /"noticeTime":"[\d-]+T[\d:]+Z"/);
  await fixture.control('POST', 'notice', { instanceId: instance.InstanceId, noticeMs: 60_000 });
  assert.match(
    (await read('spot/instance-action')).body,
    /^\{"action":"terminate","time":"[\d-]+T[\d:]+Z"\}$/,
  );
});

test('ten sessions a connection, and no more', async (t) => {
  await fixture.ssh(instance, 'true');
  const client = await connect(fixture, instance);
  t.after(() => client.end());
  const start = () =>
    new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.exec('cat', (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  const sessions = [];
  for (let count = 0; count < 10; count += 1) sessions.push(await start());
  await assert.rejects(start());
  const closed = once(sessions[0] ?? client, 'close');
  sessions[0]?.resume(); // a channel closes once its output is read
  sessions[0]?.end();
  await closed;
  await eventually('a session is free again', () =>
    start().then(
      () => true,
      () => false,
    ),
  );
});

test('rsync both ways over a shared connection, and scp', async () => {
  await fixture.ssh(instance, 'true');
  const [here, back] = [join(fixture.folder, 'here'), join(fixture.folder, 'back')];
  await mkdir(join(here, 'sub'), { recursive: true });
  await writeFile(join(here, 'sub/file'), 'x'.repeat(100_000));
  const shared = [
    '-o',
    'ControlMaster=auto',
    '-o',
    `ControlPath=${fixture.folder}/%C`,
    '-o',
    'ControlPersist=5',
  ];
  const shell = ['ssh', ...sshOptions(fixture), ...shared].join(' ');
  const remote = `ubuntu@${instance.PublicIpAddress}:there/`;
  assert.equal((await run('rsync', ['-rlpt', '-e', shell, `${here}/`, remote])).code, 0);
  assert.equal((await run('rsync', ['-rlpt', '-e', shell, remote, `${back}/`])).code, 0);
  assert.equal((await run('diff', ['-r', here, back])).code, 0);
  await run('ssh', [
    ...shared,
    '-O',
    'exit',
    '-p',
    String(fixture.ready.sshPort),
    `ubuntu@${instance.PublicIpAddress}`,
  ]);
});

test('pip installs what the world has, and says what it has not', async () => {
  const { ssh } = fixture;
  const made = await ssh(
    instance,
    'python3 -m venv env && env/bin/pip install -q "numpy<2" && env/bin/python -c "import numpy; print(numpy.__version__)"',
  );
  assert.deepEqual(made, { code: 0, out: '1.0.0\n', err: '' });
  assert.match(
    (await ssh(instance, 'env/bin/pip install nosuch')).err,
    /No matching distribution found for nosuch/,
  );
});

test('a command ends with its channel, and everything ends with the instance', async () => {
  const { instance, fleetId } = await fixture.launch();
  await fixture.ssh(instance, 'true');
  const client = await connect(fixture, instance);
  client.exec('sleep 987', () => {});
  const count = async () => (await fixture.ssh(instance, 'ps -eo args | grep -c "^sleep 987"')).out.trim();
  await eventually('the command runs', async () => (await count()) === '1');
  client.end();
  await eventually('the command has ended', async () => (await count()) === '0');
  await fixture.ssh(instance, 'nohup setsid sleep 986 >/dev/null 2>&1 </dev/null &');
  await fixture.control('POST', 'kill', { instanceId: instance.InstanceId });
  const { out } = await run('ps', ['-eo', 'args']);
  assert.doesNotMatch(out, /^sleep 986$/m);
  await eventually(
    'AWS says why',
    async () =>
      (await instancesOfFleet(fixture.ec2, fleetId))[0]?.StateReason?.Code ===
      'Server.SpotInstanceTermination',
  );
});

test('an unreachable network: silence, refusal, and back', async () => {
  await fixture.ssh(instance, 'true');
  const attempt = () =>
    run('ssh', [
      '-o',
      'ConnectTimeout=1',
      ...sshOptions(fixture),
      `ubuntu@${instance.PublicIpAddress}`,
      'true',
    ]);
  const set = (mode: string) => fixture.control('POST', 'network', { instanceId: instance.InstanceId, mode });
  await set('refuse');
  assert.match((await attempt()).err, /Connection refused/);
  await set('blackhole');
  assert.match((await attempt()).err, /timed out/);
  await set('ok');
  assert.equal((await attempt()).code, 0);
});
