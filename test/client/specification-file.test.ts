// Which file a name means, and every one that is of no use.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture } from './client-fixture.ts';

suite('which specification', () => {
  const cases: readonly (readonly [
    title: string,
    argument: string,
    files: readonly string[],
    expected: string,
  ])[] = [
    ['the working folder comes first', 'gpu', ['configuration/portald/portals/gpu.yaml'], 'gpu.yaml'],
    [
      'then the portals folder',
      'cpu',
      ['configuration/portald/portals/cpu.json'],
      'configuration/portald/portals/cpu.json',
    ],
    ['a path', './x/deep.yml', ['x/deep.yml'], 'x/deep.yml'],
    ['a path without extension', 'x/deep', ['x/deep.json'], 'x/deep.json'],
    ['a name with extension', 'gpu.json', ['gpu.json'], 'gpu.json'],
  ];
  for (const [title, argument, files, expected] of cases) {
    test(title, async (context) => {
      const fixture = await clientFixture(context);
      mkdirSync(join(fixture.folder, 'x'));
      for (const file of files) writeFileSync(join(fixture.folder, file), '{}');
      let path = '';
      fixture.daemon.onOpen = async (request) => {
        path = request.path;
        return fixture.daemon.show(portalView(request.name, 'open'));
      };
      assert.equal((await fixture.run('open', argument)).exit, 0);
      assert.equal(path, join(realpathSync(fixture.folder), expected));
    });
  }

  const refusals: readonly (readonly [title: string, argument: string, exit: number, words: RegExp])[] = [
    ['none', 'nothing', 4, /no nothing\.yaml, nothing\.yml or nothing\.json in .* or .*portald\/portals/],
    ['nearly the name of one', 'gpuu', 4, /hint: did you mean "gpu"\?/],
    ['two in one folder', 'twice', 2, /twice\.yaml and twice\.json both exist in/],
    ['a folder', 'folder.yaml', 2, /^portalctl: the specification folder\.yaml is a folder\n$/],
    [
      'a folder without an extension',
      'code',
      2,
      /^portalctl: "code" is a folder\nhint: name a portal, or the file/,
    ],
    ['this folder', '.', 2, /^portalctl: "\." is a folder\n/],
    ['a slash at the end', 'gpu.yaml/', 2, /^portalctl: "gpu\.yaml\/" is a folder\n/],
    ['a pipe', 'pipe', 2, /^portalctl: the specification pipe\.yaml is not a regular file\n$/],
    [
      'a link to nothing',
      'dangling',
      2,
      /^portalctl: the specification dangling\.yaml cannot be read \(ENOENT\)\n$/,
    ],
    [
      'another extension',
      'notes.txt',
      2,
      /^portalctl: "notes\.txt" is not named as a specification is\nhint: the file must end in \.yaml, \.yml or \.json\n$/,
    ],
    ['another extension, and no such file', 'note.txt', 4, /there is no note\.txt\.yaml/],
    [
      'a file whose name no portal can have',
      'my gpu.yaml',
      2,
      /^portalctl: "my gpu\.yaml" cannot be a portal's name\nhint: a name is 1 to 63 letters.*\nhint: .*rename the file\n$/,
    ],
    ['a large file', 'large', 2, /large\.yaml is larger than 262144 bytes/],
    [
      'no text',
      'binary',
      2,
      /^portalctl: the specification binary\.yaml is not text \(UTF-8\): see line 2; save it as UTF-8\n$/,
    ],
    ['zeros', 'zeros', 2, /^portalctl: the specification zeros\.yaml is not text \(UTF-8\)\n$/],
    ['no name', '../..', 2, /"\.\.\/\.\." is a folder/],
  ];
  for (const [title, argument, exit, words] of refusals) {
    test(`refused: ${title}`, async (context) => {
      const fixture = await clientFixture(context);
      fixture.daemon.onOpen = () => assert.fail('nothing is to be opened');
      for (const file of ['twice.yaml', 'twice.json']) writeFileSync(join(fixture.folder, file), '{}');
      writeFileSync(join(fixture.folder, 'large.yaml'), ' '.repeat(300_000));
      writeFileSync(join(fixture.folder, 'binary.yaml'), Buffer.of(0x61, 0x0a, 0xff, 0xfe, 0x80));
      writeFileSync(join(fixture.folder, 'notes.txt'), 'a: 1');
      writeFileSync(join(fixture.folder, 'zeros.yaml'), Buffer.alloc(512));
      for (const folder of ['code', 'folder.yaml']) mkdirSync(join(fixture.folder, folder));
      symlinkSync('nowhere', join(fixture.folder, 'dangling.yaml'));
      execFileSync('mkfifo', [join(fixture.folder, 'pipe.yaml')]);
      const finished = await fixture.run('open', argument);
      assert.equal(finished.exit, exit);
      assert.match(finished.stderr, words);
      assert.equal(finished.stdout, '');
    });
  }
});
