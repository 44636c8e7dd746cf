// What is said when a client's environment names another account or Region than the daemon works with.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { accountDifferences } from '../../protocol/account-difference.ts';
import type { AwsIdentity } from '../../protocol/methods.ts';

suite('another account', () => {
  const work: AwsIdentity = { profile: 'work', region: 'eu-west-1', accessKeyId: 'AKIAWORK' };
  const keys: AwsIdentity = { region: 'eu-west-1', accessKeyId: 'AKIAKEYS', keysFromEnvironment: true };
  const plain: AwsIdentity = { region: 'eu-west-1', accessKeyId: 'AKIAPLAIN' };
  const rows: readonly (readonly [
    own: Parameters<typeof accountDifferences>[0],
    daemon: AwsIdentity,
    said: string,
  ])[] = [
    [{}, work, ''],
    [{ profile: 'work', region: 'eu-west-1', accessKeyId: 'AKIAOTHER' }, work, ''],
    [{ profile: 'zzz' }, work, 'the profile zzz, but portald works with the profile work'],
    [{ profile: 'zzz' }, plain, 'the profile zzz, but portald works with the default profile'],
    [{ profile: 'default' }, plain, ''],
    [{ profile: 'zzz' }, keys, 'the profile zzz, but portald works with the key AKIAKEYS of its environment'],
    [
      { profile: 'default' },
      keys,
      'the profile default, but portald works with the key AKIAKEYS of its environment',
    ],
    [{ region: 'us-east-1' }, work, 'the Region us-east-1, but portald works in eu-west-1'],
    [{ accessKeyId: 'AKIAOTHER' }, work, 'the access key AKIAOTHER, but portald works with the profile work'],
    [{ accessKeyId: 'AKIAKEYS' }, keys, ''],
  ];
  for (const [own, daemon, said] of rows) {
    test(`${JSON.stringify(own)} beside ${JSON.stringify(daemon)}`, () => {
      const sentences = accountDifferences(own, daemon).map(({ sentence }) => sentence);
      assert.deepEqual(sentences, said === '' ? [] : [`your environment names ${said}`]);
    });
  }

  test('what the daemon does not know is a difference that may be none', () => {
    const own = { region: 'us-east-1', accessKeyId: 'AKIAOWN' };
    assert.deepEqual(
      accountDifferences(own, {}).map(({ sentence, isKnown }) => [sentence, isKnown]),
      [
        ['your environment names the Region us-east-1, but portald works in no Region', false],
        ['your environment names the access key AKIAOWN, but portald works with no keys', false],
      ],
    );
  });
});
