// Python packages: what pip takes, and what it does not.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { everyFieldAsYaml } from './original-document.ts';
import { told } from './parsing.ts';

suite('packages', () => {
  const wrongOf = (text: string): string[] =>
    told(
      everyFieldAsYaml.replace(
        /extra_python_packages:(\n    - .*)+/,
        `extra_python_packages: [${JSON.stringify(text)}]`,
      ),
    );

  test('what pip takes', () => {
    for (const text of [
      'numpy',
      'torch==2.9',
      'jax[cuda12, tpu]>=0.4,<1',
      'zope.interface ~= 5.0',
      'numpy (>=1.0)',
      'tomli; python_version < "3.11"',
      'thing @ https://example.com/thing.whl',
      'git+https://github.com/a/b@main#egg=b',
      'git+ssh://git@github.com/a/b',
      'https://example.com/thing.whl',
      '/home/ubuntu/workspace/thing',
      './thing',
    ])
      assert.deepEqual(wrongOf(text), [], text);
  });

  test('what it does not', () => {
    for (const text of [
      '',
      ' numpy',
      '-e .',
      '--index-url',
      'a b',
      'a;b',
      '; rm -rf x',
      '$(x)',
      'a==',
      'torch --pre',
    ])
      assert.match(
        wrongOf(text).join(),
        /extra_python_packages\[0\]: must be a package as pip takes it/,
        text,
      );
  });

  test('a text of any length is judged at once', () => {
    for (const part of ['a', 'a ', 'a==1,', ';=', ' ', 'a[', '.-_'])
      wrongOf(part.repeat(200_000 / part.length));
  });

  test('one that is no list', () => {
    const wrong = told(
      everyFieldAsYaml.replace(/extra_python_packages:(\n    - .*)+/, 'extra_python_packages: numpy'),
    );
    assert.match(wrong.join(), /must be a list: \["numpy"\]/);
  });
});
