// Two users of one machine, each with a portald and nothing set: they do not meet, and neither can use the other's.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type Environment, type Finished, firstLine, programPath, runToEnd } from '../fixture/programs.ts';

/** Why there can be no other users here; false if there can. */
function noOthers(): string | false {
  if (process.getuid?.() !== 0) return 'only root can be two other users';
  const look = `require('fs').accessSync('${programPath('daemon')}')`;
  const { status } = spawnSync('setpriv', asUser(65_011, '-e', look), { cwd: '/' });
  return status === 0 ? false : 'other users cannot read these programs here, or there is no setpriv';
}

/** The words for setpriv by which that user runs Node. */
function asUser(id: number, ...words: readonly string[]): string[] {
  return [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', '--', process.execPath, ...words];
}

interface Person {
  readonly id: number;
  start(): Promise<ChildProcess>;
  portalctl(words: readonly string[], more?: Environment): Promise<Finished>;
  portald(more: Environment): Promise<Finished>;
}

const base = mkdtempSync(join(tmpdir(), 'portald-users-'));
chmodSync(base, 0o755);
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

function person(id: number): Person {
  const home = join(base, String(id));
  mkdirSync(home);
  chownSync(home, id, id);
  const environment = { HOME: home, PATH: process.env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true' };
  const run = (program: 'daemon' | 'client', words: readonly string[], more: Environment) => {
    return runToEnd('setpriv', asUser(id, programPath(program), ...words), {
      env: { ...environment, ...more },
      cwd: home,
      started: keep,
    });
  };
  return {
    id,
    portalctl: (words, more = {}) => run('client', words, more),
    portald: (more) => run('daemon', [], more),
    async start() {
      const child = spawn('setpriv', asUser(id, programPath('daemon')), {
        env: environment,
        cwd: home,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      keep(child);
      await firstLine(child, child.stdout, (value) =>
        (value as { msg?: string }).msg === 'portald is ready' ? true : undefined,
      );
      return child;
    },
  };
}

function keep(child: ChildProcess): void {
  started.push(child);
}

suite('two users', { skip: noOthers() }, () => {
  test("root with a user's home is refused before it has made anything there", () => {
    const home = join(base, 'of-somebody');
    mkdirSync(home);
    chownSync(home, 65_013, 65_013);
    const environment = { HOME: home, PATH: process.env['PATH'], AWS_EC2_METADATA_DISABLED: 'true' };
    const { status, stderr } = spawnSync(process.execPath, [programPath('daemon')], {
      env: environment,
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /of-somebody, on the way to it, belongs to user 65013/);
    assert.deepEqual(readdirSync(home), []);
  });

  test('do not meet', async () => {
    const one = person(65_011);
    const other = person(65_012);
    const daemons = await Promise.all([one.start(), other.start()]);
    const installations = new Set<string>();
    for (const [index, { id, ...user }] of [one, other].entries()) {
      const { code, stdout, stderr } = await user.portalctl(['status', '--json']);
      assert.equal(code, 0, stderr);
      const { pid, stateFolder } = JSON.parse(stdout) as { pid: number; stateFolder: string };
      assert.equal(pid, daemons[index]?.pid);
      assert.equal(stateFolder, join(base, String(id), '.local/state/portald'));
      installations.add(readFileSync(join(stateFolder, 'installation'), 'utf8'));
    }
    assert.equal(installations.size, 2);

    const state = join(base, String(one.id), '.local/state/portald');
    const socket = join(state, 'portald.sock');
    assert.ok(existsSync(socket));
    const asked = await other.portalctl(['list'], { PORTALD_SOCKET: socket });
    assert.equal(asked.code, 3, asked.stdout);
    assert.match(asked.stderr, /permission denied on the socket|belongs to user id 65011/);
    const second = await other.portald({
      PORTALD_STATE_DIR: state,
      PORTALD_SOCKET: join(base, '65012', 's'),
    });
    assert.equal(second.code, 1, second.stdout);
    assert.match(second.stderr, /permission denied|EACCES|others can (write|put)/);

    // Where both can reach it, it is refused all the same: what is told there is told to its owner.
    const open = join(base, 'open');
    mkdirSync(open);
    chmodSync(open, 0o1777);
    const listen = `require('net').createServer().listen('${open}/portald.sock', () => { require('fs').chmodSync('${open}/portald.sock', 0o777); console.log('{}') })`;
    const trap = spawn('setpriv', asUser(one.id, '-e', listen), {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    keep(trap);
    await once(trap.stdout, 'data');
    const lured = await other.portalctl(['list'], { PORTALD_SOCKET: join(open, 'portald.sock') });
    assert.equal(lured.code, 3, lured.stdout);
    assert.match(lured.stderr, /portald\.sock belongs to user id 65011 \(you are 65012\)/);
  });
});
