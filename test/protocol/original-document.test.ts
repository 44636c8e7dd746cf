// The user's document as it is: every field of it, and its draft.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { draft, draftAsYaml, everyField, everyFieldAsYaml } from './original-document.ts';
import { problemsOf, specificationOf, told } from './parsing.ts';

suite('the original document', () => {
  test('every field of it is valid, as JSON and as YAML, and arrives as written', () => {
    const expected: unknown = JSON.parse(everyField);
    assert.deepEqual(specificationOf(everyField), expected);
    assert.deepEqual(specificationOf(everyFieldAsYaml), expected);
  });

  test('without its optional fields, and with empty lists, it is valid', () => {
    const required = {
      spot_instance: {
        instance_type: 'p2.xlarge',
        image_id: 'ami-1',
        key_pair_name: 'my key',
        identity_file: '~/.ssh/key.pem',
        security_group_id: 'sg-1',
        availability_zone: 'us-east-1a',
        remote_group: 'ubuntu',
        remote_user: 'ubuntu',
      },
      spot_fleet: { iam_fleet_role: 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role' },
      persistent_volumes: [],
      channels: [],
    };
    assert.deepEqual(specificationOf(JSON.stringify(required)), required);
    for (const section of ['spot_instance', 'spot_fleet', 'persistent_volumes', 'channels'] as const) {
      const { [section]: _left, ...rest } = required;
      assert.deepEqual(told(JSON.stringify(rest)), [`1:1 : "${section}" is missing`]);
    }
    for (const field of Object.keys(required.spot_instance)) {
      const instance = Object.fromEntries(
        Object.entries(required.spot_instance).filter(([name]) => name !== field),
      );
      const problems = problemsOf(JSON.stringify({ ...required, spot_instance: instance }));
      assert.deepEqual(
        problems.map(({ path, message }) => [path, message]),
        [['spot_instance', `"${field}" is missing`]],
      );
    }
  });

  for (const [form, text] of [
    ['JSON', draft],
    ['YAML', draftAsYaml],
  ] as const) {
    test(`the unedited draft as ${form}: each placeholder is named at its place, and nothing else`, () => {
      const lines = text.split('\n');
      const problems = problemsOf(text);
      assert.equal(problems.length, text.match(/\((required|optional)\)/g)?.length);
      for (const { line, column, path, message } of problems) {
        assert.match(
          lines[line - 1]?.slice(column - 1) ?? '',
          /^"?(string|boolean|float) \((required|optional)\)/,
        );
        assert.match(message, /^still holds the draft's placeholder "/);
        assert.ok(lines[line - 1]?.includes(path.replace(/.*\./, '').replace(/^\w+\[0\]$/, '')), path);
      }
    });
  }
});
