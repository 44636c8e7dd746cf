// Questions that are answered by a pipe or a file, as `yes |` does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { storedVolume } from '../rpc/scripted-volumes.ts';
import { type ClientFixture, clientFixture, portalctlProgram } from './client-fixture.ts';

/** Runs a shell's line in which `p` is portalctl. */
async function piped(
  { folder, environment }: ClientFixture,
  line: string,
): Promise<{ exit: number | null; text: string }> {
  const program = `p() { '${process.execPath}' '${portalctlProgram}' "$@"; }; ${line}`;
  const child = spawn('sh', ['-c', program], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, text };
}

suite('answers by a pipe', () => {
  test('yes, no, nothing, and what comes without end', async (context) => {
    const fixture = await clientFixture(context);
    const { volumes } = fixture.daemon;
    volumes.volumes = [storedVolume()];
    const remove = 'p volume delete vol-00000001';
    for (const [line, exit, isDeleted] of [
      [`echo y | ${remove}`, 0, true],
      [`yes | ${remove}`, 0, true],
      [`printf yes | ${remove}`, 0, true],
      [`echo n | ${remove}`, 1, false],
      [`printf '' | ${remove}`, 1, false],
      [`${remove} < empty`, 1, false],
      [`${remove} < answers`, 0, true],
      [`echo y | ${remove} --json`, 2, false],
      [`${remove} < /dev/null`, 2, false],
    ] as const) {
      volumes.asked.length = 0;
      writeFileSync(join(fixture.folder, 'empty'), '');
      writeFileSync(join(fixture.folder, 'answers'), 'Y\n');
      const told = await piped(fixture, line);
      assert.equal(told.exit, exit, `${line}: ${told.text}`);
      assert.equal(volumes.asked.length > 0, isDeleted, line);
      if (exit === 1)
        assert.match(told.text, /Delete it, with all data\? \[y\/N\] \n\n?portalctl: nothing was deleted/);
    }
  });

  test('several questions, each with the next line', async (context) => {
    const fixture = await clientFixture(context);
    const told = await piped(
      fixture,
      `printf '0\\n50\\n2\\n' | p volume create -n data -t team:vision user:me`,
    );
    assert.equal(told.exit, 0, told.text);
    const [{ request } = { request: {} }] = fixture.daemon.volumes.asked;
    assert.deepEqual(request, {
      name: 'data',
      sizeGiB: 50,
      zone: 'eu-west-1b',
      tags: [
        { key: 'team', value: 'vision' },
        { key: 'user', value: 'me' },
      ],
    });
    const short = await piped(fixture, 'echo 50 | p volume create');
    assert.equal(short.exit, 1, short.text);
    assert.match(short.text, /nothing was created/);
  });

  test('close --all', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    const no = await piped(fixture, 'echo | p close --all');
    assert.deepEqual([no.exit, /nothing was closed/.test(no.text)], [1, true], no.text);
  });
});
