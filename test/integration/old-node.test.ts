// What the programs say on a Node that is too old for them, before they load anything that it could not parse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { programPath, runToEnd } from '../fixture/programs.ts';

// Read before the program itself, it makes this Node pass for another.
const passFor = (version: string): string => {
  const versions = JSON.stringify({ ...process.versions, node: version });
  return `data:text/javascript,Object.defineProperty(process,'versions',{value:${encodeURIComponent(versions)}})`;
};

test('on a Node older than package.json asks for, each program says one sentence and exits 1', async () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string };
  };
  assert.equal(engines.node, '>=22.22');
  for (const [program, name] of [
    ['daemon', 'portald'],
    ['client', 'portalctl'],
    ['sandbox', 'portal-sandbox'],
  ] as const) {
    const start = (version: string): ReturnType<typeof runToEnd> =>
      runToEnd(process.execPath, ['--import', passFor(version), programPath(program), '--version'], {
        env: {},
      });
    for (const old of ['18.20.4', '22.21.1']) {
      const { code, stdout, stderr } = await start(old);
      assert.deepEqual(
        { code, stdout, first: stderr.split('\n')[0] },
        { code: 1, stdout: '', first: `${name}: needs Node 22.22 or later; this is ${old}` },
      );
    }
    const { code, stdout } = await start('22.22.0');
    assert.deepEqual([code, stdout.startsWith(name)], [0, true]);
  }
});
