// validate: without a daemon what can be told here, with --aws what portald tells; words, JSON and exit codes.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { everyFieldAsYaml } from '../protocol/original-document.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { clientFixture, startPortalctl } from './client-fixture.ts';

/** Everything that a specification needs on this machine. */
function furnish(folder: string): void {
  for (const name of ['src', 'results', '.ssh']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'key'), '-----BEGIN OPENSSH PRIVATE KEY-----', { mode: 0o600 });
}

const valid = everyFieldAsYaml.replace(/identity_file: .*/, 'identity_file: key');

suite('portalctl validate', () => {
  test('without a daemon: valid, every mistake of several files, what is missing here', async (context) => {
    const folder = temporaryFolder(context);
    furnish(folder);
    const run = (...argv: string[]): ReturnType<typeof startPortalctl>['finished'] =>
      startPortalctl(context, ['validate', ...argv], { HOME: folder }, folder).finished;
    writeFileSync(join(folder, 'gpu.yaml'), valid);
    assert.deepEqual(await run('gpu'), { exit: 0, stdout: 'gpu.yaml is valid\n', stderr: '' });

    writeFileSync(
      join(folder, 'bad.yaml'),
      valid.replace('ami-1', '7').replace('direction: out', 'direction: up'),
    );
    chmodSync(join(folder, 'key'), 0o644);
    writeFileSync(join(folder, 'here.yaml'), valid.replace('local_path: src/', 'local_path: nowhere/'));
    const both = await run('bad', 'here');
    assert.deepEqual([both.exit, both.stdout], [2, '']);
    assert.match(both.stderr, /^bad\.yaml:3:13: spot_instance\.image_id: must be a string/m);
    assert.match(both.stderr, /^bad\.yaml:24:16: channels\[0\]\.direction: must be one of/m);
    assert.match(both.stderr, /^bad\.yaml has 2 mistakes$/m);
    assert.match(
      both.stderr,
      /^here\.yaml:5:18: spot_instance\.identity_file: .*can be read by others; chmod 600/m,
    );
    assert.match(both.stderr, /^here\.yaml:25:17: channels\[0\]\.local_path: .*nowhere\/ does not exist/m);
    const json = JSON.parse((await run('here', '--json')).stdout);
    assert.deepEqual(
      json.specifications.map((one: { file: string; valid: boolean; problems: object[] }) => [
        one.file,
        one.valid,
        one.problems.length,
      ]),
      [['here.yaml', false, 2]],
    );
    assert.equal((await run('nobody')).exit, 4);
    const withMissing = await run('nobody', 'gpu');
    assert.equal(withMissing.exit, 2, 'its key is not what it must be just now');
    assert.match(withMissing.stderr, /there is no nobody\.yaml/);
    assert.match(withMissing.stderr, /gpu\.yaml has a mistake/);
    const listed = JSON.parse((await run('nobody', 'here', 'gpu', '--json')).stdout).specifications;
    assert.deepEqual(
      listed.map((one: { file: string; valid: boolean; error?: { kind: string } }) => [
        one.file,
        one.valid,
        one.error?.kind,
      ]),
      [
        ['here.yaml', false, undefined],
        ['gpu.yaml', false, undefined],
        ['nobody', false, 'unknown-portal'],
      ],
    );
    assert.equal((await run()).exit, 2);
    assert.equal((await run('bad', '--aws')).exit, 2, 'nobody needs to be asked');
    chmodSync(join(folder, 'key'), 0o600);
    assert.equal((await run('gpu', '--aws')).exit, 3);
  });

  test('what is right and hardly meant is warned of, and portald has the last word', async (context) => {
    const fixture = await clientFixture(context);
    const { folder } = fixture;
    furnish(folder);
    const home = valid.replace('local_path: src/', 'local_path: "~"');
    writeFileSync(join(folder, 'gpu.yaml'), home);
    const told = await fixture.run('validate', 'gpu');
    assert.deepEqual([told.exit, told.stderr], [0, '']);
    assert.match(
      told.stdout,
      /^gpu\.yaml is valid\n {2}warning {2}line 25, channels\[0\]\.local_path: sends your whole home folder .*\n {11}name the folder that is to be sent\n$/,
    );
    fixture.daemon.findings = [
      { line: 1, column: 1, path: 'spot_instance', level: 'fine', message: 'it is' },
    ];
    const { stdout } = await fixture.run('validate', 'gpu', '--aws', '--json');
    const [{ findings }] = JSON.parse(stdout).specifications;
    assert.deepEqual(
      findings.map(({ level, path }: { level: string; path: string }) => [level, path]),
      [
        ['fine', 'spot_instance'],
        ['warning', 'channels[0].local_path'],
      ],
    );
    writeFileSync(join(folder, 'gpu.yaml'), valid.replace('local_path: src/', 'local_path: key'));
    const refused = await fixture.run('validate', 'gpu');
    assert.match(refused.stderr, /channels\[0\]\.local_path: .*private key: never carried/);
  });

  test('with --aws: what portald finds, each with its level', async (context) => {
    const fixture = await clientFixture(context);
    furnish(fixture.folder);
    writeFileSync(join(fixture.folder, 'gpu.yaml'), valid);
    const place = { line: 3, column: 13, path: 'spot_instance.image_id' };
    fixture.daemon.findings = [{ ...place, level: 'fine', message: 'ami-1 is Ubuntu\u001b[2J' }];
    const fine = await fixture.run('validate', 'gpu', '--aws');
    assert.deepEqual(fine, {
      exit: 0,
      stdout: 'gpu.yaml is valid\n  fine     ami-1 is Ubuntu\\x1b[2J\n',
      stderr: '',
    });
    fixture.daemon.findings = [
      { ...place, level: 'warning', message: 'not told' },
      { ...place, level: 'refusal', message: 'not there', hint: 'look it up' },
    ];
    const refused = await fixture.run('validate', 'gpu', '--aws');
    assert.deepEqual([refused.exit, refused.stderr], [1, '']);
    assert.equal(
      refused.stdout,
      [
        'gpu.yaml is valid',
        '  warning  line 3, spot_instance.image_id: not told',
        '  refused  line 3, spot_instance.image_id: not there',
        '           look it up',
        '',
      ].join('\n'),
    );
    const json = JSON.parse((await fixture.run('validate', 'gpu', '--aws', '--json')).stdout);
    assert.deepEqual(json.specifications[0].findings, fixture.daemon.findings);
  });
});
