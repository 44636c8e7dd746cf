// No text makes a check take long: every pattern of every schema, and what judges excludes, against texts that are grown for
// it. A pattern whose time grows by a power of the length, or worse, does not come to an end here.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { configurationSchema } from '../../daemon/configuration.ts';
import { methodParameters } from '../../protocol/methods.ts';
import { channelWarnings } from '../../protocol/specification/channel-warnings.ts';
import { excludeFilter, excludeRules } from '../../protocol/specification/exclude-patterns.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';

/** Far more than any of them needs, and far less than one that grows by a power. */
const patienceMs = 1000;
/** The short one is under the limits that some patterns test first. */
const lengths = [2000, 50_000];

/** Beginnings that get a pattern going, what is repeated, and ends at which it fails. */
const beginnings = [
  '',
  'a',
  'a@',
  'a;',
  'a [',
  'a==',
  '/',
  '/dev/',
  'https://',
  'arn:',
  'i-',
  'amazon',
  '[a',
  '{',
  '\\',
];
const repeated = [
  'a',
  '.',
  '-',
  '_',
  ' ',
  ';',
  '=',
  '@',
  ',',
  '[',
  ']',
  '/',
  'a.',
  'a-',
  ' a',
  ', ==a',
  ';=',
  '; in ',
  '{,',
  '*a',
  '\\',
  '0',
  ' ;',
];
const ends = ['', '\n', '\u0000', '!', '=', ' in ', '*'];

function* texts(): Generator<string> {
  for (const length of lengths)
    for (const beginning of beginnings)
      for (const one of repeated)
        for (const end of ends) yield beginning + one.repeat(length / one.length) + end;
}

/** The longest time that one of them took. */
function longestOf(judge: (text: string) => unknown, given: Iterable<string>): number {
  let longest = 0;
  for (const text of given) {
    const began = performance.now();
    judge(text);
    longest = Math.max(longest, performance.now() - began);
    if (longest > patienceMs)
      assert.fail(`${Math.round(longest)} ms for ${JSON.stringify(text.slice(0, 40))}…`);
  }
  return longest;
}

function* patternsIn(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'pattern' && typeof value === 'string') yield value;
    else yield* patternsIn(value);
  }
}

const patterns = [...new Set(patternsIn([specificationSchema, configurationSchema, methodParameters]))];
suite('every pattern of every schema', () => {
  for (const pattern of patterns) {
    test(pattern.slice(0, 60), (context) => {
      const regular = new RegExp(pattern, 'u');
      const longest = longestOf((text) => regular.test(text), texts());
      context.diagnostic(`at most ${longest.toFixed(1)} ms`);
    });
  }
});

test('there are as many as there should be', () => assert.ok(patterns.length >= 15, String(patterns.length)));

const globs = ['*a', '**a', '?*', '[ab]*', '*a*', '**/*', '**/a*/'].map((one) => one.repeat(40));

test('excludes with many stars, judged of long names', (context) => {
  const names = ['a'.repeat(4000), 'a/'.repeat(2000), 'ab'.repeat(2000), `${'a'.repeat(3999)}\n`];
  const filters = globs.map((glob) => excludeFilter([glob]));
  const longest = longestOf((name) => filters.forEach((filter) => filter?.(name, 'file')), names);
  context.diagnostic(`at most ${longest.toFixed(1)} ms for all ${globs.length}`);
  for (const filter of filters) assert.notEqual(filter, undefined);
});

test('no such pattern is given to an instance as a regular expression', () => {
  for (const glob of globs) assert.equal(excludeRules([glob]), undefined, glob);
  assert.ok(excludeRules(['**/*.egg-info/**', '*.py[co]']));
});

test('what warns of excludes', (context) => {
  const channel = { direction: 'out', local_path: '/a/', remote_path: '~/b/' } as const;
  const warn = (text: string): unknown =>
    channelWarnings(
      { spot_instance: { remote_user: 'ubuntu' }, channels: [{ ...channel, exclude: [text] }] } as never,
      '/home/me',
    );
  context.diagnostic(`at most ${longestOf(warn, texts()).toFixed(1)} ms`);
});
