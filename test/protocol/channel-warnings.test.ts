// What is warned of in the channels of a valid specification.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { channelWarnings } from '../../protocol/specification/channel-warnings.ts';
import { whyNotMeant } from '../../protocol/specification/exclude-hints.ts';
import { ownMistakes } from '../../protocol/specification/local-sides.ts';
import type { ChannelSpecification, Specification } from '../../protocol/specification/schema.ts';
import { pathText } from '../../protocol/validate.ts';

function withChannel(channel: Partial<ChannelSpecification>): Specification {
  const whole = { direction: 'out', local_path: '/p/', remote_path: '~/p/', recursive: true, ...channel };
  const specification = {
    spot_instance: { remote_user: 'ubuntu', identity_file: '/home/me/.ssh/id' },
    channels: [whole],
  };
  return specification as unknown as Specification;
}

test('a channel of a home folder, of keys or of everything is warned of', () => {
  const told = (local_path: string, direction: 'in' | 'out' = 'out', home = '/home/me'): string[] =>
    channelWarnings(withChannel({ local_path, direction }), home).map(({ path, message }) => {
      return `${pathText(path)}: ${message}`;
    });
  for (const [path, named] of [
    ['/', 'everything on this computer'],
    ['/home/me', 'your whole home folder'],
    ['/home//me/./', 'your whole home folder'],
    ['/home', 'the folder of all homes'],
    ['/home/me/.ssh', '~/.ssh'],
    ['/home/me/.aws/cli/', '~/.aws'],
  ] as const) {
    assert.deepEqual(told(path), [
      `channels[0].local_path: sends ${named} to the machine, with all keys and passwords in it`,
    ]);
    assert.match(told(path, 'in').join(), /lets the machine write to .* whom SSH lets in/);
  }
  for (const path of ['/home/me/project', '/home/meg', '/srv', '/home/me/.sshd/'])
    assert.deepEqual(told(path), [], path);
  assert.deepEqual(told('/srv', 'out', '/'), [], 'a service has no home');
});

test('a channel of what is own is a mistake', () => {
  const told = (local_path: string): string =>
    ownMistakes(withChannel({ local_path }), ['/home/me/.local/state/portald'])
      .map(({ path, message }) => `${pathText(path)}: ${message}`)
      .join();
  assert.match(
    told('/home/me/.local/state/portald/run/'),
    /^channels\[0\]\.local_path: .* lies in \/home.*never/,
  );
  assert.match(told('/home/me/.local/state/portald'), /never carried/);
  assert.match(told('/home/me/.ssh/id'), /private key: never carried/);
  for (const path of ['/home/me/', '/home/me/.ssh', '/home/me/.local/state/portald-x'])
    assert.equal(told(path), '', path);
});

const tree = ['keep', 'build/x', '#c', '!keep', 'a.py', 'a.sh', 'sub/build/x'];

/** Pattern, what was meant to be excluded by it, and the pattern that does it, as advised. */
const habits: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ['!keep', undefined, '+ keep'],
  ['#build', 'build/x', undefined],
  ['build ', 'build/x', 'build'],
  [' build/', 'build/x', 'build/'],
  ['./build', 'build/x', '/build'],
  ['././build/', 'build/x', '/build/'],
  ['sub/../build', 'build/x', undefined],
  ['sub/./build', 'sub/build/x', undefined],
  ['~/build', 'build/x', undefined],
  ['$HOME/build', 'build/x', undefined],
  ['sub//build', 'sub/build/x', 'sub/build'],
  ['*.{py,sh}', 'a.py', undefined],
  ['sub\\build', 'sub/build/x', 'sub/build'],
  ['\\#c', '#c', '#c'],
  ['/source/build', 'build/x', '/build'],
];

test('what rsync does not take as people mean it is told, with what to write; rsync itself says so', (context) => {
  const root = mkdtempSync(join(tmpdir(), 'portald-habits-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const file of tree) {
    mkdirSync(join(root, 'source', dirname(file)), { recursive: true });
    writeFileSync(join(root, 'source', file), '');
  }
  const sent = (pattern: string): string[] => {
    const words = ['-rn', '--out-format=%n', `--exclude=${pattern}`, 'source/', 'none/'];
    return execFileSync('rsync', words, { cwd: root, encoding: 'utf8' }).split('\n');
  };
  for (const [pattern, meant, advised] of habits) {
    const told = whyNotMeant(pattern, { path: '/source/', isRecursive: true });
    assert.ok(told !== undefined, pattern);
    if (meant !== undefined) assert.ok(sent(pattern).includes(meant), `${pattern} excludes ${meant}`);
    if (advised === undefined) continue;
    assert.ok(told.hint.includes(`write ${JSON.stringify(advised)}`), `${pattern}: ${told.hint}`);
    if (meant !== undefined)
      assert.ok(!sent(advised).includes(meant), `${advised} does not exclude ${meant}`);
  }
});

test('a pattern from the root of a source that is named without a slash begins with its name', () => {
  const hint = (pattern: string, path = '/home/me/source', isRecursive = true): string | undefined =>
    whyNotMeant(pattern, { path, isRecursive })?.hint;
  assert.equal(hint('/build'), 'write "/source/build", or a slash at the end of the source');
  assert.equal(hint('./build'), 'write "/source/build"');
  assert.equal(hint('/home/me/source/build'), 'write "/source/build"');
  for (const pattern of ['/source/build', '/source', 'build', '/*/build', '/**/x', '/s?urce/x'])
    assert.equal(hint(pattern), undefined, pattern);
  assert.equal(hint('/build', '/home/me/source', false), undefined);
});

test('patterns that mean what they say are not warned of', () => {
  for (const pattern of [
    '*.pyc',
    '.git/',
    '**/node_modules',
    '/build',
    'a b',
    'c#',
    '!',
    '! x',
    '- *.o',
    '+ keep',
    '[!a]*',
    'x\\*y',
    '...',
    '.*',
    'a$b',
    '{}',
  ])
    assert.equal(whyNotMeant(pattern, { path: '/home/me/source/', isRecursive: true }), undefined, pattern);
  const both = channelWarnings(withChannel({ exclude: ['*.o', './x', 'y '] }), '/home/me');
  assert.deepEqual(
    both.map(({ path }) => pathText(path)),
    ['channels[0].exclude[1]', 'channels[0].exclude[2]'],
  );
  const inbound = withChannel({ direction: 'in', remote_path: 'out/', exclude: ['/home/ubuntu/out/x'] });
  assert.match(channelWarnings(inbound, '/home/me')[0]?.hint ?? '', /write "\/x"/);
});
