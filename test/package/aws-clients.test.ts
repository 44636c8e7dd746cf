// The clients of AWS as they are installed: all that portald calls, and no more.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEc2, operations } from '../../daemon/ec2/client-ec2.ts';
import { temporaryFolder } from '../rpc/rpc-test-bench.ts';
import { clone, programs } from './built.ts';

test('a method sends the command of its name', () => {
  for (const [name, { name: command }] of Object.entries(operations))
    assert.equal(command, `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Command`);
});

test('portald calls every operation that the client has, and no other', () => {
  const folder = join(clone, 'daemon/ec2');
  const called = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\bec2\.([a-z]\w+)\(/g)].map(
      ([, method]) => method,
    ),
  );
  assert.deepEqual(new Set(called), new Set([...Object.keys(operations), 'destroy']));
  const ec2 = createEc2({ region: 'eu-central-1' });
  for (const name of Object.keys(operations)) assert.equal(typeof Reflect.get(ec2, name), 'function', name);
  ec2.destroy();
});

test('built, the client is complete, and the shapes of other operations are left out', async (context) => {
  const folder = await programs(temporaryFolder(context));
  const file = join(folder, 'daemon/client-ec2.cjs');
  const built = createRequire(import.meta.url)(file) as typeof import('../../daemon/ec2/client-ec2.ts');
  assert.deepEqual(Object.keys(built.operations), Object.keys(operations));
  const text = readFileSync(file, 'utf8');
  for (const { name } of Object.values(operations)) assert.ok(text.includes(name), name);
  for (const unused of ['CreateVpcRequest$', 'DescribeVpcsResult$', 'CreateVpcCommand'])
    assert.ok(!text.includes(unused), `${unused} is in the program`);
  assert.match(readFileSync(join(folder, 'daemon/client-licences.txt'), 'utf8'), /^@aws-sdk\/client-ec2 /m);
});
