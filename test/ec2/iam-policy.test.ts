// The policy that users are told to grant holds exactly the actions that the daemon uses.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { examinedActions } from '../../daemon/ec2/permissions.ts';

const folder = new URL('../../daemon/ec2/', import.meta.url);

test('iam-policy.json names every EC2 action of the daemon and no other', () => {
  const source = readdirSync(folder)
    // What is only asked about is not used by that.
    .filter((name) => name !== 'permission-questions.ts')
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const used = new Set(
    [...source.matchAll(/\bec2\s*\.([a-z]\w+)\(/g)]
      .map(([, name = '']) => `ec2:${name[0]?.toUpperCase()}${name.slice(1)}`)
      .filter((name) => name !== 'ec2:Destroy'),
  );
  // RequestSpotFleet launches on our behalf and needs the right to do so.
  used.add('ec2:RunInstances');
  const policy = JSON.parse(readFileSync(new URL('../../iam-policy.json', import.meta.url), 'utf8')) as {
    Statement: { Action: string | string[] }[];
  };
  const granted = policy.Statement.flatMap((one) => one.Action).filter((action) => action.startsWith('ec2:'));
  assert.deepEqual([...used].toSorted(), granted.toSorted());
});

test('portalctl doctor asks about every action of the policy, and no other', () => {
  const policy = JSON.parse(readFileSync(new URL('../../iam-policy.json', import.meta.url), 'utf8')) as {
    Statement: { Action: string | string[] }[];
  };
  const granted = policy.Statement.flatMap((one) => one.Action);
  assert.deepEqual(examinedActions.toSorted(), granted.toSorted());
});
