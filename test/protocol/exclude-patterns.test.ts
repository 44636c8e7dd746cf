// Patterns judged without rsync mean what they mean to rsync. PORTALD_CRASH_SEED replays the random ones of a run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { watchProgram } from '../../daemon/channel/watch-program.ts';
import { excludeFilter, excludeRules } from '../../protocol/specification/exclude-patterns.ts';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';

const files = [
  'a.py',
  'a.pyc',
  '.git/HEAD',
  'deep/.git/HEAD',
  'deep/a.pyc',
  'build',
  'out/build/x',
  'build.d/x',
  'a+b (1).txt',
  'node_modules/m/index.js',
  'x1',
  'deep/x22',
  'ünï.txt',
  'a/b/c',
  'a/b/a',
  'b/a/b',
  'b/aa/ab',
  'c/b/a/c',
  'a-b',
  '[a]',
  ']',
  '^a',
  '!a',
  'a*b',
  'a\\b',
];

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'portald-patterns-'));
  for (const file of files) {
    mkdirSync(join(root, 'tree', dirname(file)), { recursive: true });
    writeFileSync(join(root, 'tree', file), '');
  }
});
after(() => rmSync(root, { recursive: true, force: true }));

/** What rsync sends of the tree, folders left out; undefined if it refuses the pattern. */
function sentByRsync(pattern: string): string[] | undefined {
  const words = ['-rl8', '--out-format=%n', '-n', `--exclude=${pattern}`, 'tree/', 'none/'];
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
    const listed = execFileSync('rsync', words, { ...options, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    const names = listed.split('\n').filter((line) => line !== '' && !line.endsWith('/'));
    return names.filter((name) => name !== 'created directory none').toSorted();
  } catch {
    return undefined;
  }
}

function sentByUs(pattern: string): string[] | undefined {
  const isExcluded = excludeFilter([pattern]);
  return isExcluded && files.filter((file) => !isExcluded(file, 'file')).toSorted();
}

const judged = [
  '*.pyc|.git|.git/|build|build/|node_modules|x?|*+b (*|*|ün?.txt|.*|ün??.txt|/a.py|/HEAD|git/HEAD|.git/HEAD|/deep/.git/',
  'a/b|/a/b/|**/a|**a|a/**|a**b|/a**c|**/b/**|b/***|a/***/|/*/|*/b|[ab]|[!a]|[^a]|[a-c]/b|[]]|\\*|a\\*b|a\\b|[a]|\\[a]',
  '/b/a?/*|x[0-9]|x[0-9][0-9]|*.py[co]|!a',
].flatMap((some) => some.split('|'));
for (const pattern of judged) {
  test(`"${pattern}" excludes what it excludes in rsync`, () => {
    const ours = sentByUs(pattern);
    assert.ok(ours !== undefined);
    assert.deepEqual(ours, sentByRsync(pattern));
  });
}

test('patterns that only rsync can judge', () => {
  for (const pattern of ['- x', '+ x', '! x', '!', '', '/', '[[:alpha:]]', '[b-a]', '[a', '[/a]', 'a*\\']) {
    assert.equal(excludeFilter(['*.pyc', pattern]), undefined, pattern);
  }
});

test('on the instance, in Python, patterns mean the same', () => {
  const from = watchProgram.indexOf('prefix, rules =');
  const rulesCode = watchProgram.slice(from, watchProgram.indexOf('if not os.path.isdir'));
  const filterCode = watchProgram.slice(
    watchProgram.indexOf('def excluded'),
    watchProgram.indexOf('def chosen'),
  );
  const program = `import json, os, re, sys
for rules in json.loads(sys.argv[1]):
    sys.argv = ["", "", "", "", "", "", "", json.dumps(rules)]
${rulesCode.replaceAll(/^/gm, '    ')}
${filterCode.replaceAll(/^/gm, '    ')}
    print(json.dumps([name for name in ${JSON.stringify(files)} if not excluded(os.fsencode(name))]))
`;
  const rules = judged.map((pattern) => excludeRules([pattern]));
  const words = ['-X', 'utf8', '-c', program, JSON.stringify(rules)];
  const printed = execFileSync('python3', words, { encoding: 'utf8' }).trim().split('\n');
  assert.equal(printed.length, judged.length);
  for (const [index, pattern] of judged.entries()) {
    assert.deepEqual((JSON.parse(printed[index] ?? '') as string[]).toSorted(), sentByUs(pattern), pattern);
  }
});

test('random patterns mean the same, or are left to rsync', (context) => {
  const chance = chanceOf(seedOf(process.env, (text) => context.diagnostic(text)));
  const alphabet = 'aabbc**//??[]^!-.\\x'.split('');
  const rounds = allWanted(process.env) ? 120 : 30;
  let compared = 0;
  for (let round = 0; round < rounds; round++) {
    const length = 1 + chance.below(7);
    const pattern = Array.from({ length }, () => chance.pick(alphabet)).join('');
    const ours = sentByUs(pattern);
    const theirs = sentByRsync(pattern);
    if (ours === undefined || theirs === undefined) continue;
    compared++;
    assert.deepEqual(ours, theirs, pattern);
  }
  // Of a sample it may be few by chance.
  assert.ok(compared > (allWanted(process.env) ? 40 : 5), `${compared} of ${rounds} were compared`);
});
