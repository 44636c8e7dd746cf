// The unit files by systemd's own judgement.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

const units = fileURLToPath(new URL('../../systemd', import.meta.url));
const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;

suite('the units', { skip: !isThere && 'there is no systemd-analyze here' }, () => {
  test('systemd finds nothing wrong with them', (context) => {
    const folder = temporaryFolder(context);
    for (const name of readdirSync(units)) {
      // The program that they start is another one here, and its manual is not installed.
      const text = readFileSync(join(units, name), 'utf8')
        .replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true')
        .replace(/^Documentation=.*\n/m, '');
      writeFileSync(join(folder, name), text);
    }
    const files = readdirSync(folder).map((name) => join(folder, name));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  test('the template is exposed to 2.0 at most', (context) => {
    const folder = temporaryFolder(context);
    mkdirSync(join(folder, 'units'));
    const unit = join(folder, 'units', 'portald@.service');
    copyFileSync(join(units, 'portald@.service'), unit);
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
      encoding: 'utf8',
    });
    const exposure = /Overall exposure level for \S+ (\d+\.\d)/.exec(stdout)?.[1];
    assert.ok(Number(exposure) <= 2, stdout);
  });
});
