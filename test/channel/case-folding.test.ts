// Excludes on a file system that folds case, held against rsync itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { foldsCase, inEveryCase } from '../../daemon/channel/case-folding.ts';

const folder = (context: { after(work: () => void): void }): string => {
  const made = mkdtempSync(join(tmpdir(), 'portald-case-'));
  context.after(() => rmSync(made, { recursive: true }));
  return made;
};

test('what is excluded is in every case, and nothing else', (context) => {
  const place = folder(context);
  /** Which of these names rsync leaves out. */
  const leftOut = (rules: readonly string[], names: readonly string[]): string[] => {
    for (const side of ['from', 'to']) rmSync(join(place, side), { recursive: true, force: true });
    mkdirSync(join(place, 'from'));
    for (const name of names) writeFileSync(join(place, 'from', name), '');
    const words = inEveryCase(rules).map((rule) => `--exclude=${rule}`);
    execFileSync('rsync', ['-r', ...words, '--', `${place}/from/`, `${place}/to`]);
    const came = readdirSync(join(place, 'to'));
    return names.filter((name) => !came.includes(name)).toSorted();
  };
  for (const [rules, excluded, taken] of [
    [['.git'], ['.GIT', '.Git', '.git'], ['.gi', 'xgit']],
    [['/.ssh'], ['.SSH', '.\u017fsh', '.ssh'], ['ssh']],
    [['*.key'], ['a.KEY', 'a.\u212aey', 'b.key'], ['key']],
    [['- x'], ['X', 'x'], ['y']],
    [['+ x', '*'], ['X', 'a'], ['x']],
    [['[a-c]1'], ['A1', 'C1', 'b1'], ['d1', 'D1']],
    [['[]a]1'], [']1', 'A1', 'a1'], ['b1']],
    [['[!a]1'], ['B1', 'b1'], ['a1']],
    [['[[:digit:]x]1'], ['11', 'X1', 'x1'], ['y1']],
    [['a\\b'], ['A\\B', 'a\\b'], ['ab', 'aB']],
    [['\\a*'], ['A', 'ab'], ['b']],
    [['\\*a'], ['*A', '*a'], ['xa']],
    [['?ö'], ['xö'], ['xÖx']],
    [['1 2'], ['1 2'], ['12']],
  ] as const) {
    assert.deepEqual(leftOut(rules, [...excluded, ...taken]), excluded.toSorted(), rules.join(' '));
  }
  assert.deepEqual(inEveryCase([]), []);
});

test('this file system does not fold case', async (context) => {
  const place = folder(context);
  assert.equal(await foldsCase(place), false);
  assert.equal(await foldsCase(join(place, 'missing/')), false);
  writeFileSync(join(place, '1'), '');
  writeFileSync(join(place, 'a'), '');
  assert.equal(await foldsCase(`${place}/`), false);
  // All that can be had here of one that does: the same file by both names.
  linkSync(join(place, 'a'), join(place, 'A'));
  assert.equal(await foldsCase(place), true);
});
