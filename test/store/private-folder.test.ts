// Whose folders and files are taken: what others can change, or put another one in the place of, is refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { readConfiguration } from '../../daemon/configuration.ts';
import { othersCanWrite } from '../../daemon/hands.ts';
import { ensurePrivateFolder, refuseForeignContent } from '../../daemon/private-folder.ts';
import { openRecords } from '../../daemon/store/records.ts';
import { PortalError } from '../../protocol/errors.ts';
import { record } from '../portal/world.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

const notRoot = process.getuid?.() === 0 ? false : 'only root can give a folder to another user';
const stranger = 65_001;

function refused(says: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PortalError, String(error));
    assert.equal(error.kind, 'state-folder');
    assert.match(error.message, says);
    return true;
  };
}

const ensure = (folder: string) => ensurePrivateFolder(folder, 'PORTALD_STATE_DIR');

/** Lets a stranger write by an access control list, as setfacl does; false where the file system has none. */
function grant(folder: string): boolean {
  const entries = `[(1,7,0xffffffff),(2,7,${stranger}),(4,5,0xffffffff),(16,7,0xffffffff),(32,5,0xffffffff)]`;
  const program = `import os,struct,sys
os.setxattr(sys.argv[1],"system.posix_acl_access",struct.pack("<I",2)+b"".join(struct.pack("<HHI",*e) for e in ${entries}))`;
  return spawnSync('python3', ['-c', program, folder]).status === 0;
}

test('in a folder that an access control list opens to others', async (context) => {
  const base = temporaryFolder(context);
  const shared = made(join(base, 'shared'), 0o755);
  if (!grant(shared)) return context.skip('no access control lists here');
  await assert.rejects(
    ensure(join(shared, 'state')),
    refused(/access control list by which others may write/),
  );
});

suite('folders', () => {
  const ways: readonly (readonly [what: string, lay: (base: string) => string, says: RegExp | undefined])[] =
    [
      ['one that is not there', (base) => join(base, 'a', 'b'), undefined],
      [
        'one that everybody can write to',
        (base) => made(join(base, 'state'), 0o777),
        /mode 0777: others can write to it/,
      ],
      [
        'one that a group can write to',
        (base) => made(join(base, 'state'), 0o770),
        /mode 0770: others can write/,
      ],
      ['one that others can read', (base) => made(join(base, 'state'), 0o755), undefined],
      [
        'in a folder that everybody can write to',
        (base) => join(made(join(base, 'shared'), 0o777), 'state'),
        /shared, on the way to it, .* mode 0777: others can put something else in its place/,
      ],
      [
        'further above a folder that everybody can write to',
        (base) => join(made(join(base, 'shared'), 0o777), 'a', 'b', 'state'),
        /shared, on the way to it/,
      ],
      ['in one like /tmp', (base) => join(made(join(base, 'tmp'), 0o1777), 'state'), undefined],
      [
        'by a link of our own',
        (base) => {
          made(join(base, 'there'), 0o700);
          symlinkSync('there', join(base, 'state'));
          return join(base, 'state', 'portald');
        },
        undefined,
      ],
      [
        'by a link to where others can write',
        (base) => {
          made(join(base, 'shared'), 0o777);
          made(join(base, 'shared', 'there'), 0o700);
          symlinkSync(join(base, 'shared', 'there'), join(base, 'state'));
          return join(base, 'state');
        },
        /shared, on the way to it/,
      ],
    ];
  for (const [what, lay, says] of ways) {
    test(`${what} is ${says === undefined ? 'taken' : 'refused'}`, async (context) => {
      const folder = lay(temporaryFolder(context));
      if (says === undefined) await ensure(folder);
      else await assert.rejects(ensure(folder), refused(says));
    });
  }

  test('one of another user is refused', { skip: notRoot }, async (context) => {
    const folder = made(join(temporaryFolder(context), 'state'), 0o700);
    chownSync(folder, stranger, stranger);
    await assert.rejects(ensure(folder), refused(/belongs to user 65001 and has mode 0700/));
  });

  test('one with something of another user in it is refused', { skip: notRoot }, async (context) => {
    const folder = made(join(temporaryFolder(context), 'state'), 0o700);
    writeFileSync(join(folder, 'own'), '');
    await refuseForeignContent(folder);
    symlinkSync('own', join(folder, 'portald.log'));
    lchownSync(join(folder, 'portald.log'), stranger, stranger);
    await assert.rejects(
      refuseForeignContent(folder),
      refused(/portald\.log belongs to user 65001, who could/),
    );
  });

  test('one in a folder of another user is refused', { skip: notRoot }, async (context) => {
    const theirs = made(join(temporaryFolder(context), 'theirs'), 0o755);
    chownSync(theirs, stranger, stranger);
    await assert.rejects(ensure(join(theirs, 'state')), refused(/theirs, on the way to it/));
  });

  test('a link of another user is refused, even in one like /tmp', { skip: notRoot }, async (context) => {
    const base = made(join(temporaryFolder(context), 'tmp'), 0o1777);
    made(join(base, 'there'), 0o700);
    symlinkSync('there', join(base, 'state'));
    lchownSync(join(base, 'state'), stranger, stranger);
    // Where the kernel protects links by itself, it says so first.
    const says = /symbolic link .*state belongs to user 65001|cannot make the folder .*EACCES/;
    await assert.rejects(ensure(join(base, 'state')), refused(says));
  });

  test('links in a circle are refused', async (context) => {
    const base = temporaryFolder(context);
    symlinkSync('state', join(base, 'state'));
    await assert.rejects(ensure(join(base, 'state')), refused(/has too many symbolic links/));
  });
});

suite('files', () => {
  test('a record that others can write to is set aside', async (context) => {
    const state = temporaryFolder(context);
    const { store } = await openRecords(state, '1');
    await store.save(record({ name: 'mine' }));
    await store.save(record({ name: 'theirs' }));
    chmodSync(join(state, 'portals', 'theirs.json'), 0o666);
    const { records, setAside } = await openRecords(state, '2');
    assert.deepEqual(
      records.map((one) => one.name),
      ['mine'],
    );
    assert.match(setAside[0]?.reason ?? '', /mode 0666: others can write to it/);
  });

  test('a configuration that others can write to is refused', async (context) => {
    const file = join(temporaryFolder(context), 'config.yaml');
    writeFileSync(file, 'log_level: debug\n');
    chmodSync(file, 0o666);
    await assert.rejects(readConfiguration(file, false), /mode 0666/);
    chmodSync(file, 0o644);
    assert.deepEqual(await readConfiguration(file, false), { log_level: 'debug' });
    assert.deepEqual(await readConfiguration('/dev/null', true), {});
    chmodSync(dirname(file), 0o777);
    await assert.rejects(readConfiguration(file, false), /others can put something else in its place/);
  });

  test("a group of the user's own number is the user's alone", () => {
    assert.equal(othersCanWrite({ uid: 1000, gid: 1000, mode: 0o100664 }, 1000), false);
    assert.equal(othersCanWrite({ uid: 1000, gid: 100, mode: 0o100664 }, 1000), true);
    assert.equal(othersCanWrite({ uid: 0, gid: 0, mode: 0o100664 }, 1000), false);
    assert.equal(othersCanWrite({ uid: 1001, gid: 1000, mode: 0o100644 }, 1000), true);
  });
});

function made(folder: string, mode: number): string {
  mkdirSync(folder);
  chmodSync(folder, mode);
  // The group of a test that root runs is root's own.
  if (process.getuid?.() === 0) chownSync(folder, 0, mode === 0o770 ? stranger : 0);
  return folder;
}
