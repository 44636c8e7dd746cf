// The checks that are compiled when the programs are built say what those say that are compiled when they run.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { compileFunction } from 'node:vm';
import { compiledChecks } from '../../package/programs/compiled-checks.ts';
import { compileSchema } from '../../protocol/compile-schema.ts';
import { methodParameters } from '../../protocol/methods.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';

const schemas = { specification: specificationSchema, ...methodParameters };
const compiled: { compileSchema?: typeof compileSchema } = {};
compileFunction(compiledChecks(schemas), ['exports', 'require'])(compiled, createRequire(import.meta.url));

const values: readonly unknown[] = [
  {},
  [],
  null,
  7,
  'text',
  { name: '', path: 3, extra: true },
  { zone: 'a', sizeGiB: 0.5, tags: [{ key: 'aws:x', value: 'é'.repeat(300) }] },
  {
    spot_instance: { instance_type: 'M5', ports: [] },
    persistent_volumes: {},
    channels: [{ direction: 'up' }],
  },
  { ids: [], versions: [], index: -1 },
];

test('for every schema and all kinds of values', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    const then = compiled.compileSchema?.(name, schema);
    const now = compileSchema(name, schema);
    for (const value of values) {
      assert.equal(then?.(value), now(value), name);
      // What is told is made of these; the way to the rule has the schema's name before it.
      const told = (errors: typeof now.errors): unknown => errors?.map((one) => ({ ...one, schemaPath: '' }));
      assert.deepEqual(told(then?.errors), told(now.errors), name);
    }
  }
});

test('a name that was not compiled is a mistake of ours', () => {
  assert.throws(() => compiled.compileSchema?.('nothing', specificationSchema), /no check of nothing/);
});
