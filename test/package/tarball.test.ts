// What `npm pack` makes: nothing but what runs, and programs that run with what the lock file names for production.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { productionPackages } from '../../package/production.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { build, clone } from './built.ts';

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
}

const loadedLater = ['./client-ec2.cjs', './client-service-quotas.cjs', 'chokidar', 'ssh2', 'yaml'];

/** What the SDK does without. */
const optional = ['@aws-sdk/signature-v4-crt'];

// npm itself would ask the registry for the dependencies, so what it does with a tarball is done by hand here.
test('the tarball has what it should, and its programs run without the packages of development', async (context) => {
  const folder = temporaryFolder(context);
  const manifest = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8')) as Manifest;
  const source = join(folder, 'source');
  await build(join(source, 'dist'), manifest.version);
  const others = ['package.json', 'README.md', 'LICENSE', 'test/set-up.sh', ...manifest.files];
  for (const name of others.filter((one) => one !== 'dist' && existsSync(join(clone, one))))
    cpSync(join(clone, name), join(source, name), { recursive: true });
  const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--offline'], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(told) as { filename: string; files: { path: string }[] }[];
  assert.ok(packed);

  const paths = packed.files.map(({ path }) => path);
  const surprises = paths.filter(
    (path) =>
      !/^dist\/(client|daemon|sandbox)\/(bin|main)\.cjs$|^dist\/daemon\/(bin\.js|client-[a-z0-9-]+\.cjs|client-licences\.txt)$|^dist\/man\/[a-z-]+\.[15]$|^(systemd|launchd)\/|^[^/]+$|^sandbox\/README.md$/.test(
        path,
      ),
  );
  assert.deepEqual(surprises, []);
  const expected = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'iam-policy.json',
    'package.json',
    'sandbox/README.md',
    'systemd/portald.service',
    'systemd/portald@.service',
    'dist/daemon/client-ec2.cjs',
    'dist/daemon/client-licences.txt',
    'dist/man/portald.1',
    ...Object.values(manifest.bin),
  ];
  assert.deepEqual(
    expected.filter((path) => !paths.includes(path)),
    [],
  );
  assert.deepEqual(paths.filter((path) => !path.includes('/')).sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'iam-policy.json',
    'package.json',
  ]);

  execFileSync('tar', ['-xzf', join(source, packed.filename), '-C', folder]);
  const home = join(folder, 'package');
  for (const [path] of productionPackages(join(clone, 'package-lock.json'))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    symlinkSync(join(clone, path), join(home, path));
  }
  // Without preserved links the packages would find others in the clone.
  const environment = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, NODE_PRESERVE_SYMLINKS: '1' };
  const run = (name: string, ...words: string[]): string =>
    execFileSync(join(home, manifest.bin[name] ?? ''), words, { encoding: 'utf8', env: environment });
  for (const name of ['portald', 'portalctl', 'portal-sandbox'])
    assert.equal(run(name, '--version'), `${name} ${manifest.version}\n`);
  const former = [join(home, 'dist/daemon/bin.js'), '--version'];
  assert.match(execFileSync(process.execPath, former, { encoding: 'utf8', env: environment }), /^portald /);
  assert.match(run('portalctl', '--help'), /^usage: portalctl COMMAND/);
  assert.match(run('portalctl', 'open', '--help'), /^usage: portalctl open NAME/);
  // What the programs load only when they need it.
  for (const path of paths.filter((one) => one.endsWith('.cjs'))) {
    const names = [...readFileSync(join(home, path), 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)];
    const foreign = new Set(
      names.map(([, name = '']) => name).filter((name) => !isBuiltin(name) && !optional.includes(name)),
    );
    const resolve = `for (const name of ${JSON.stringify([...foreign])}) require.resolve(name)`;
    execFileSync(process.execPath, ['-e', resolve], { cwd: dirname(join(home, path)), env: environment });
  }
  const later = `for (const name of ${JSON.stringify(loadedLater)}) require(name)`;
  execFileSync(process.execPath, ['-e', later], { cwd: join(home, 'dist/daemon'), env: environment });
});
