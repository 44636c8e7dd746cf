// Packages and commands on a real instance: real virtual environments, real pip without a network.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { RemoteLink } from '../../daemon/portal/gateways.ts';
import { lastError } from '../../daemon/remote/packages.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { type Instance, startInstance } from './instance.ts';
import { connected, connectTo } from './link-fixture.ts';
import { offerWheels } from './wheels.ts';

const { signal } = new AbortController();

/** Of all tests that leave it as it was. */
let instance: Instance;
let link: RemoteLink;
before(async () => {
  instance = await startInstance();
  link = connectTo(instance.folder, instance.target);
  await connected(link);
});
after(async () => {
  await link?.close();
  await instance?.[Symbol.asyncDispose]();
});

/** Stands for a conda environment's python: tells what it was asked to do. */
const recordingPython = '#!/bin/sh\nprintf "%s\\n" "$@" > "$HOME/asked"\n';

test("a virtual environment is made, and pip's own last error told", async () => {
  await link.installPackages('~/my env', [], signal);
  assert.ok(existsSync(join(instance.home, 'my env/bin/python')));
  await link.installPackages('~/my env', ['pip'], signal);
  await assert.rejects(link.installPackages('~/my env', ['/nowhere/a package'], signal), {
    kind: 'packages',
    message: /nowhere\/a package.*ERROR: .*nowhere/,
  });
});

test('versions, extras and addresses as pip has them; what it does not find is told in its own words', async () => {
  const wheels = offerWheels(instance.home);
  // Making one takes seconds of computing. It may be there already.
  await link.installPackages('~/my env', [], signal);
  execFileSync('cp', ['-a', join(instance.home, 'my env'), join(instance.home, 'by address')]);
  const said = (environment: string, program: string): string =>
    execFileSync(join(instance.home, environment, 'bin/python'), ['-c', program], {
      encoding: 'utf8',
    }).trim();
  const versions = 'import thing, other; print(thing.version, other.version)';
  await link.installPackages('~/my env', ['thing[more]>=1,<2'], signal);
  assert.equal(said('my env', versions), '1.2 1.0');
  await link.installPackages('~/my env', ['thing==2.0'], signal);
  assert.equal(said('my env', versions), '2.0 1.0');
  const address = `thing[more] @ file://${wheels}/thing-2.0-py3-none-any.whl`;
  await link.installPackages('~/by address', [address], signal);
  assert.equal(said('by address', versions), '2.0 1.0');
  await assert.rejects(link.installPackages('~/my env', ['thing[more]>=9'], signal), {
    kind: 'packages',
    message: /pip could not install thing\[more\]>=9: ERROR: .*thing.*>=9/,
  });
});

test('a conda environment is found by name and by folder', async () => {
  const folder = join(instance.home, 'miniconda3/envs/science');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await mkdir(join(folder, 'conda-meta'));
  await writeFile(join(folder, 'bin/python'), recordingPython, { mode: 0o755 });
  const packages = ['numpy>=2', "name'; touch pwned"];
  for (const environment of ['science', folder, '~/miniconda3/envs/science']) {
    await writeFile(join(instance.home, 'asked'), '');
    await link.installPackages(environment, packages, signal);
    const asked = readFileSync(join(instance.home, 'asked'), 'utf8').trim().split('\n');
    assert.deepEqual(asked.slice(0, 3), ['-m', 'pip', 'install']);
    assert.deepEqual(asked.slice(-2), packages);
  }
  const elsewhere = join(instance.home, 'on a volume/envs/far');
  await mkdir(join(elsewhere, 'bin'), { recursive: true });
  await writeFile(join(elsewhere, 'bin/python'), recordingPython, { mode: 0o755 });
  await mkdir(join(instance.home, '.conda'));
  // As conda writes it: those that are gone are still in it.
  const noted = [join(instance.home, 'gone/envs/far'), elsewhere, join(instance.home, 'miniconda3')];
  await writeFile(join(instance.home, '.conda/environments.txt'), `${noted.join('\n')}\n`);
  await writeFile(join(instance.home, 'asked'), '');
  await link.installPackages('far', packages, signal);
  assert.match(readFileSync(join(instance.home, 'asked'), 'utf8'), /numpy>=2/);
  await assert.rejects(link.installPackages('unknown', ['numpy'], signal), {
    kind: 'packages',
    message: /unknown: no conda environment of that name/,
  });
});

test('commands run in turn in the login folder and stop at the first that fails', async () => {
  const commands = ['echo one > first', 'echo "what\u001b[31m" >&2; exit 3', 'echo two > second'];
  const told: [string, number, string][] = [];
  const ended = (...what: [string, number, string]) => void told.push(what);
  await assert.rejects(link.runCommands(commands, { timeoutMs: 10_000, signal, ended }), {
    kind: 'hook',
    message: /^the command "echo .*" ended with 3: what\\x1b\[31m; the one after it was not run$/,
  });
  assert.deepEqual(
    told.map(([, code, output]) => [code, output]),
    [
      [0, ''],
      [3, 'what\\x1b[31m'],
    ],
  );
  assert.ok(existsSync(join(instance.home, 'first')));
  assert.ok(!existsSync(join(instance.home, 'second')));
});

test('a command that leaves something in the background does not hold the portal', async () => {
  await link.runCommands(['sleep 3602 & echo $! > pid'], { timeoutMs: 10_000, signal, ended: () => {} });
  const pid = Number(readFileSync(join(instance.home, 'pid'), 'utf8'));
  process.kill(pid, 0);
  process.kill(pid, 'SIGKILL');
});

// Each waits for something else.
suite('commands that are cut off', { concurrency: true }, () => {
  for (const [index, way] of (['abort', 'time limit', 'lost connection', 'close'] as const).entries())
    test(`a command ends with all that it started: ${way}`, () => endsWith(way, `sleep 36${index}`));
});

async function endsWith(
  way: 'abort' | 'time limit' | 'lost connection' | 'close',
  marked: string,
): Promise<void> {
  await using instance = await startInstance();
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  const controller = new AbortController();
  const running = link.runCommands([`${marked} & ${marked}; true`], {
    // Enough for a busy machine to start it.
    timeoutMs: way === 'time limit' ? 8000 : 60_000,
    signal: controller.signal,
    ended: () => {},
  });
  const rejected = assert.rejects(running, { kind: 'ssh' });
  await eventually('it runs', () => processesWith(marked).filter((line) => line === marked).length === 2);
  if (way === 'abort') controller.abort();
  if (way === 'lost connection') await instance.stop();
  if (way === 'close') await link.close();
  await rejected;
  await eventually('it is gone', () => !processesWith(marked).includes(marked));
}

test('the reason of a failure is the line that has it', () => {
  const traceback =
    'ERROR: Exception:\nTraceback (most recent call last):\n  File "x.py", line 1\npip._vendor.UnknownError: bad marker';
  const subprocess =
    'error: subprocess-exited-with-error\n× python setup.py did not run.\n╰─> [2 lines of output]\n' +
    '      Traceback (most recent call last):\n      ModuleNotFoundError: No module named cython\n' +
    '      [end of output]\nnote: not a problem with pip.\nerror: metadata-generation-failed\n× See above.';
  const build =
    '  x.c:1: fatal error: a.h: No such file\n      error: command gcc failed\nERROR: Failed building wheel for x';
  const git = (words: string): string =>
    `  error: subprocess-exited-with-error\n  × git clone --quiet https://x /tmp/pip-req-build-1 did not run successfully.
  │ exit code: 128\n  ╰─> [1 lines of output]\n      ${words}\n      [end of output]\n  note: not a problem with pip.
error: subprocess-exited-with-error\n× git clone did not run successfully.\n╰─> See above for output.`;
  const said: readonly (readonly [string, string])[] = [
    [traceback, 'pip._vendor.UnknownError: bad marker'],
    [subprocess, 'ModuleNotFoundError: No module named cython'],
    [build, 'error: command gcc failed'],
    [
      'ERROR: Could not find x\nERROR: No matching distribution found for x',
      'ERROR: No matching distribution found for x',
    ],
    ['ERROR: Exception:', 'ERROR: Exception:'],
    [git("fatal: unable to access 'https://x/': no route"), "fatal: unable to access 'https://x/': no route"],
    [
      git('git@x: Permission denied (publickey).\n      fatal: Could not read from remote repository.'),
      'git@x: Permission denied (publickey).: fatal: Could not read from remote repository.',
    ],
    [git('what no version said before'), 'what no version said before'],
    ["fatal: '/tmp/x/pip-req-build-m_jxd07k/y z' is gone", "fatal: '…/y z' is gone"],
    ['killed', 'killed'],
    ['', 'no reason given'],
  ];
  for (const [output, expected] of said) assert.equal(lastError(output), expected);
});
