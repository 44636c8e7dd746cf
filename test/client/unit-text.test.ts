// The environment that an installation took, as it is written for systemd and read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentText, readEnvironmentText } from '../../client/service/unit-text.ts';

test('values come back as they were, whatever ends a line to whom', () => {
  const variables = new Map(
    ['plain', 'a b', '50%', '%%n', '"quoted"', '\\', '\n', '\t', 'a\u2028b', '\u2029', '\u0085', '=', ''].map(
      (value, index) => [`NAME_${index}`, value] as const,
    ),
  );
  const text = environmentText(variables);
  assert.deepEqual(readEnvironmentText(text), variables);
  // systemd ends lines at line feeds alone.
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#') && line !== '' && line !== '[Service]');
  assert.equal(lines.length, variables.size);
  assert.ok(lines.every((line) => /^Environment="NAME_\d+=.*"$/s.test(line)));
});
