// The programs start from their sources too, as those who work on them start them: `npm test` starts the built ones.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commonEnvironment, runToEnd } from '../fixture/programs.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { clone } from './built.ts';

for (const [program, word, says] of [
  ['daemon', '--check', /^$/],
  ['client', '--version', /^portalctl \d+\.\d+\.\d+\n$/],
  ['sandbox', '--version', /^portal-sandbox \d+\.\d+\.\d+\n$/],
] as const) {
  test(`${program}/bin.ts ${word}`, async (context) => {
    const env = { ...commonEnvironment, HOME: temporaryFolder(context) };
    const source = join(clone, program, 'bin.ts');
    const { code, stdout, stderr } = await runToEnd(process.execPath, [source, word], { env });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, says);
  });
}
