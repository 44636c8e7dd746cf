// launchd: the property lists by a reader of property lists, and portalctl daemon as macOS has it, before a launchctl
// that is played but starts the real portald.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { propertyListText, readTakenVariables } from '../../client/service/property-list.ts';
import { startPortalctl } from '../client/client-fixture.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

const folder = fileURLToPath(new URL('../../launchd', import.meta.url));
const names = readdirSync(folder);

/** What launchd.plist(5) has, as far as we use it, with the type of each. */
const keys: Readonly<Record<string, string>> = {
  Label: 'str',
  UserName: 'str',
  ProgramArguments: 'list',
  EnvironmentVariables: 'dict',
  RunAtLoad: 'bool',
  KeepAlive: 'dict',
  ExitTimeOut: 'int',
  ProcessType: 'str',
  SoftResourceLimits: 'dict',
  Umask: 'int',
  StandardOutPath: 'str',
  StandardErrorPath: 'str',
};

const reader = `
import json, plistlib, sys
content = plistlib.loads(sys.stdin.buffer.read())
json.dump([content, {key: type(value).__name__ for key, value in content.items()}], sys.stdout)
`;

function read(text: string): [content: Record<string, unknown>, types: Record<string, string>] {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', reader], { input: text, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const hasPlutil = spawnSync('plutil', ['-help']).status === 0;

suite('the property lists', () => {
  test('hold what launchd knows, and nothing that one would miss', () => {
    assert.equal(names.length, 2);
    for (const name of names) {
      if (hasPlutil) assert.equal(spawnSync('plutil', ['-lint', join(folder, name)]).status, 0, name);
      const [content, types] = read(readFileSync(join(folder, name), 'utf8'));
      for (const [key, type] of Object.entries(types)) assert.equal(type, keys[key], `${name}: ${key}`);
      const { KeepAlive, ExitTimeOut, SoftResourceLimits, ProcessType, Umask } = content;
      assert.deepEqual(
        [KeepAlive, ExitTimeOut, SoftResourceLimits, ProcessType, Umask],
        [{ SuccessfulExit: false }, 45, { NumberOfFiles: 8192 }, 'Standard', 0o77],
      );
      assert.equal('UserName' in content, name.includes('daemon'));
    }
  });

  test('each key has a comment', () => {
    for (const name of names) {
      const parts = readFileSync(join(folder, name), 'utf8').split('\n  <key>');
      for (const [index, part] of parts.slice(0, -1).entries())
        assert.ok(part.endsWith('-->'), `${name}: ${parts[index + 1]?.split('<')[0]}`);
    }
  });

  test('take any path and any value, and give the values back', () => {
    const odd = `/Users/me & <you> "it's" $& 100%/@home@`;
    const variables = new Map([
      ['AWS_PROFILE', `a&b<c>"d"'e' &lt;`],
      ['PATH', odd],
    ]);
    const places = { node: odd, portald: odd, state: odd, user: 'alice', home: odd };
    for (const name of names) {
      const text = propertyListText(readFileSync(join(folder, name), 'utf8'), places, variables);
      const [content] = read(text);
      assert.deepEqual(content['ProgramArguments'], [odd, odd]);
      assert.equal(content['StandardErrorPath'], `${odd}/portald.stderr`);
      const environment = content['EnvironmentVariables'] as Record<string, string>;
      assert.equal(environment['AWS_PROFILE'], variables.get('AWS_PROFILE'));
      assert.deepEqual(readTakenVariables(text), variables);
      assert.doesNotMatch(text.replaceAll('@home@', ''), /<string>[^<]*@(user|state|node|portald|home)@/);
    }
  });
});

interface Mac {
  readonly home: string;
  portalctl(
    words: string,
    environment?: Record<string, string>,
  ): Promise<{ exit: number | string; stdout: string; stderr: string }>;
  lines(): string;
}

function mac(context: TestContext): Mac {
  // What it started ends with the test, whatever happens, and before its folder is removed.
  context.after(() => portalctl('uninstall').then(() => undefined));
  const root = temporaryFolder(context);
  const home = join(root, 'my home');
  const [tools, state] = [join(root, 'tools'), join(root, 'launchd')];
  for (const one of [home, tools, state]) mkdirSync(one);
  copyFileSync(join(import.meta.dirname, 'fake-launchctl.py'), join(tools, 'launchctl'));
  const own = {
    HOME: home,
    PATH: `${tools}:${process.env['PATH']}`,
    LAUNCHD_FOLDER: state,
    NODE_OPTIONS: "--import=data:text/javascript,Object.defineProperty(process,'platform',{value:'darwin'})",
  };
  const portalctl: Mac['portalctl'] = (words, environment = {}) =>
    startPortalctl(context, ['daemon', ...words.split(' ')], { ...own, ...environment }, root).finished;
  return { home, portalctl, lines: () => readFileSync(join(state, 'lines'), 'utf8') };
}

const hasProc = process.platform === 'linux' ? false : 'launchctl is played on Linux only';

suite('portalctl daemon on launchd', { skip: hasProc }, () => {
  test('installed, used, changed and taken away', async (context) => {
    const { home, portalctl, lines } = mac(context);
    const file = join(home, 'Library/LaunchAgents/org.portald.portald.plist');
    const domain = `gui/${process.getuid?.()}`;
    const target = `${domain}/org.portald.portald`;
    const installed = await portalctl('install', { AWS_PROFILE: 'my <own>' });
    assert.equal(installed.exit, 0, installed.stderr);
    assert.match(
      installed.stdout,
      /^wrote .*\.plist, with AWS_PROFILE, PATH\nstarted org\.portald\.portald\n/,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);

    const again = JSON.parse((await portalctl('install --json')).stdout);
    assert.deepEqual(again.done, ['org.portald.portald is installed as it should be, and runs']);
    assert.deepEqual([again.daemon.managedBy, again.daemon.service.file], ['launchd', file]);
    const changed = JSON.parse((await portalctl('install --json', { AWS_REGION: 'eu-west-1' })).stdout);
    assert.match(changed.done[1], /^loaded org\.portald\.portald anew; portals stayed open$/);
    const environment = readFileSync(`/proc/${changed.daemon.pid}/environ`, 'utf8').split('\0');
    for (const entry of ['AWS_PROFILE=my <own>', 'AWS_REGION=eu-west-1'])
      assert.ok(environment.includes(entry));

    assert.match((await portalctl('stop')).stdout, /^stopped org\.portald\.portald; portals stay open\n/);
    assert.match((await portalctl('status')).stdout, /^portald does not run\n +managed by +org\.portald/);
    assert.equal((await portalctl('start')).exit, 0);
    assert.match(
      (await portalctl('restart')).stdout,
      /^restarted org\.portald\.portald; portals stayed open\n/,
    );
    const gone = await portalctl('uninstall');
    assert.match(gone.stdout, /^stopped and unloaded .*\nremoved .*\.plist\nrecords and logs stay in /);
    assert.match(
      (await portalctl('uninstall')).stdout,
      /^portald is no service here: there is nothing to uninstall/,
    );
    const load = `enable ${target}\nbootstrap ${domain} ${file}\n`;
    const kill = `kill SIGTERM ${target}\n`;
    const start = `kickstart ${target}\n`;
    assert.equal(
      lines(),
      `${load}bootout ${target}\n${load}${kill}${start}${kill}${start}bootout ${target}\n`,
    );
  });
});
