// A user's own ways to the instance: ssh, pipes, scp and tmux, by the real programs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type Finished, programPath, runToEnd } from '../fixture/programs.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-ssh-');
  mkdirSync(join(fixture.folder, 'bin'));
  const words = `'${process.execPath}' '${programPath('client')}' "$@"`;
  writeFileSync(join(fixture.folder, 'bin', 'portalctl'), `#!/bin/sh\nexec ${words}\n`, { mode: 0o755 });
  fixture.specify('gpu', (example) => ({
    ...example,
    channels: [],
  }));
  await fixture.startPortald();
});
after(() => fixture?.end());

const environment = (): Record<string, string> => ({
  ...fixture.environment,
  PATH: `${join(fixture.folder, 'bin')}:${fixture.environment['PATH']}`,
});

/** In the user's shell, with portalctl on the PATH. */
function shell(line: string): Promise<Finished> {
  return runToEnd('sh', ['-c', line], { env: environment(), cwd: fixture.project });
}

test("commands, pipes and copies reach the instance, and nobody else's", async () => {
  const user = portalUser(fixture, 'gpu');
  await user.open();
  const data = join(fixture.project, 'data');
  writeFileSync(data, randomBytes(1_000_000));

  const failing = await shell('portalctl ssh gpu -- "echo out; echo err >&2; exit 7"');
  assert.deepEqual([failing.code, failing.stdout, failing.stderr], [7, 'out\n', 'err\n']);
  const through = await shell(
    'portalctl ssh gpu -- "cat > there" < data && portalctl ssh gpu -- cat there | cmp - data && tar c data | portalctl ssh gpu -- tar x',
  );
  assert.equal(through.code, 0, through.stderr);

  // As in the documentation; the sandbox's port is not ssh's, and its host key is none that the user has met.
  const copied = await shell(
    'scp -q -P "$(portalctl info gpu -f port)" -o UserKnownHostsFile="$(portalctl info gpu -f known_hosts)"' +
      ' -i "$(portalctl info gpu -f key)" "$(portalctl info gpu -f remote):data" copy && cmp copy data',
  );
  assert.equal(copied.code, 0, copied.stderr);
  const configured = await shell(
    'portalctl info gpu --ssh-config > gpu.ssh && scp -q -F gpu.ssh gpu:there copy2 && cmp copy2 data',
  );
  assert.equal(configured.code, 0, configured.stderr);

  // Another host key at that address is refused, whatever the user's own files say.
  const { ssh } = await user.view();
  const pins = readFileSync(ssh.knownHostsFile ?? '', 'utf8');
  const stranger = readFileSync(join(fixture.project, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(ssh.knownHostsFile ?? '', `${pins.split(' ')[0]} ${stranger}\n`);
  mkdirSync(join(fixture.environment['HOME'] ?? '', '.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(join(fixture.environment['HOME'] ?? '', '.ssh', 'known_hosts'), pins);
  const refused = await shell('portalctl ssh gpu -- true');
  assert.equal(refused.code, 255);
  assert.match(refused.stderr, /Host key verification failed/);
  writeFileSync(ssh.knownHostsFile ?? '', pins);

  // Whether portald itself is connected makes no check weaker.
  const { instance } = await user.view();
  await fixture.control.post('network', { instanceId: instance?.id, mode: 'refuse' });
  await eventually('the connection is lost', async () => {
    const { history } = await fixture.ask('portal.explain', { name: 'gpu' });
    return history.some((one) => /^connection to .* lost/.test(one.text)) || undefined;
  });
  const { stdout } = await shell('portalctl info gpu --ssh-config; portalctl status gpu');
  assert.match(stdout, /UserKnownHostsFile .*\n *StrictHostKeyChecking yes\n/);
  assert.match(stdout, /log in +ssh .* -o UserKnownHostsFile=\S+ -o StrictHostKeyChecking=yes/);
  await fixture.control.post('network', { instanceId: instance?.id, mode: 'ok' });
  await user.until('open');
});

test('a session of tmux goes on when one is cut off', {
  skip:
    ['tmux', 'script'].some((name) => spawnSync('which', [name]).status !== 0) &&
    'no tmux or no script(1) here',
}, async () => {
  const onTerminal = (words: string) => {
    const child = spawn('script', ['-qec', `stty cols 80 rows 24; portalctl ssh gpu ${words}`, '/dev/null'], {
      cwd: fixture.project,
      env: { ...environment(), TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    fixture.keep(child);
    // Listened for from the start: it may be closed before anybody waits for it.
    const closed = once(child, 'close');
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    return {
      child,
      closed,
      shows: (words: string) => eventually(words, () => text.includes(words) || undefined),
    };
  };
  const first = onTerminal('-t work -- "echo began; sleep 300"');
  await first.shows('began');
  first.child.kill('SIGKILL');
  await first.closed;
  const second = onTerminal('-t work');
  await second.shows('began');
  assert.match((await shell('portalctl ssh gpu -- tmux list-sessions')).stdout, /^work: 1 windows/);
  assert.equal((await shell('portalctl ssh gpu -- tmux kill-session -t work')).code, 0);
  await second.shows('[exited]');
  await second.closed;
  await portalUser(fixture, 'gpu').close();
  await assertNothingLeft(fixture);
});
