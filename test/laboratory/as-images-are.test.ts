// Images as they are: shells that are small, sudo that asks, start-up files and banners that talk, no Python, a cloud-init
// that is slow. Each works, or says in a sentence why it cannot.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { connectTo } from '../remote/link-fixture.ts';
import { startInstance } from './instance.ts';
import { skippedBecause } from './requirements.ts';
import { serialOf, type Tags, takeUp, volumeOf } from './volume-set.ts';
import { type Place, withInstance } from './with-instance.ts';

const volume = volumeOf(0, '/data/my work');
const { signal } = new AbortController();

/** All that portald does on an instance, once. */
async function everything({ instance, link, blankImage }: Place): Promise<void> {
  const tags: Tags = new Map();
  await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
  assert.equal((await takeUp(link, volume, tags)).state, 'mounted');
  assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, true);
  await link.runCommands(['cd "/data/my work" && echo mine > file'], {
    timeoutMs: 10_000,
    signal,
    ended: () => {},
  });
  await link.flush();
  const worker = instance.start('sh', '-c', 'cd "/data/my work" && echo in && exec sleep 600');
  await new Promise((resolve) => worker.stdout?.once('data', resolve));
  assert.match((await link.unmountVolume(volume, { evict: true })).join(), /^sleep \(\d+\)$/);
  assert.equal((await takeUp(link, volume, tags)).state, 'mounted');
  assert.equal(await instance.asRoot('stat -c "%U %s" "/data/my work/file"'), 'ubuntu 5\n');
  await eventually('the transport is there', () => link.transport());
}

const shells: Readonly<Record<string, string>> = {
  dash: 'ln -sf dash /bin/sh',
  'busybox sh': 'ln -sf busybox /bin/sh',
  // Its blkid, cmp and e2fsck prove nothing; who uses it has util-linux and e2fsprogs beside it.
  "busybox's own tools": `ln -sf busybox /bin/sh
for name in $(busybox --list); do
  case $name in busybox|blkid|cmp|lsblk|findmnt|blockdev|nsenter|mkfs*|fsck*|sed|find) continue ;; esac
  ln -sf /bin/busybox "/usr/local/bin/$name"
done`,
  'bash as login shell that talks': `sed -i '/^ubuntu:/s,:/bin/sh$,:/bin/bash,' /etc/passwd
printf 'echo "Welcome!"; echo "volume mounted /dev/x" >&2; echo mounted; stty sane\\n' > /home/ubuntu/.bashrc`,
};

describe('images', { skip: skippedBecause('busybox', 'bash', 'dash'), concurrency: 2 }, () => {
  for (const [name, image] of Object.entries(shells)) test(name, () => withInstance(everything, { image }));

  test('a banner before the login, and a message of the day', () =>
    withInstance(everything, {
      image: 'echo "mounted \\033[31m AUTHORISED USE ONLY" > /etc/banner; cp /etc/banner /etc/motd',
      configuration: 'Banner /etc/banner',
      sshPort: 2222,
    }));

  test('sudo that asks for a password is told, and asked nothing', () =>
    withInstance(
      async ({ instance, link, blankImage }) => {
        await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
        const attempts = [() => link.isBlank(volume), () => link.mountVolume(volume)];
        for (const attempt of attempts) {
          await assert.rejects(attempt, { kind: 'mount', message: /may not use sudo without a password/ });
        }
      },
      { image: 'sed -i s/NOPASSWD:// /etc/sudoers' },
    ));

  test('sudo that wants a terminal is told', () =>
    withInstance(
      async ({ instance, link, blankImage }) => {
        await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
        await assert.rejects(link.mountVolume(volume), {
          message: /sudo .*wants a terminal/,
          hint: /requiretty/,
        });
      },
      { image: 'echo "Defaults requiretty" >> /etc/sudoers' },
    ));

  test("a path of sudo's without sbin", () =>
    withInstance(everything, { image: `echo 'Defaults secure_path="/usr/bin:/bin"' >> /etc/sudoers` }));

  for (const [what, line, message] of [
    ['exits', 'exit 3', /ended with code 3 before it ran anything/],
    ['reads its input', 'read -r line', /ended with code 0 before it ran anything/],
    ['runs another shell', 'sh', /runs no commands|ended with code|no answer/],
  ] as const) {
    test(`a start-up file that ${what} is told`, async () => {
      await using instance = await startInstance({
        image: `sed -i '/^ubuntu:/s,:/bin/sh$,:/bin/bash,' /etc/passwd
echo '${line}' > /home/ubuntu/.bashrc`,
      });
      await using link = connectTo(instance.folder, instance.target);
      await eventually('it is told', () => link.status().difficulty !== undefined);
      const { message: said = '', hint = '' } = link.status().difficulty ?? {};
      assert.match(said, message);
      assert.match(hint, /start-up file .*interactive/);
    });
  }

  test('a group that the user is not in, and one that is not there, are known', () =>
    withInstance(async ({ link }) => {
      assert.equal(await link.checkGroup('ubuntu', 'ubuntu'), undefined);
      assert.equal(await link.checkGroup('ubuntu', 'root'), 'without-user');
      assert.equal(await link.checkGroup('ubuntu', '-x $(exit)'), 'missing');
      assert.equal(await link.checkGroup('nobody-there', 'root'), 'without-user');
    }));

  test('no sudo at all is told', () =>
    withInstance(
      async ({ instance, link, blankImage }) => {
        await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
        await assert.rejects(link.mountVolume(volume), { kind: 'mount', message: /needs sudo/ });
      },
      { image: 'rm -f /usr/bin/sudo /bin/sudo' },
    ));

  test('no Python is told, in the words of who installs packages', () =>
    withInstance(
      async ({ link }) => {
        await assert.rejects(link.installPackages('/home/ubuntu/venv', ['einops'], signal), {
          kind: 'packages',
          message: /the instance has no python3/,
        });
      },
      { image: 'rm -f /usr/bin/python3* /usr/local/bin/python3*' },
    ));

  test('a cloud-init that is slow: the login is refused, tried again, and works once the key is there', async () => {
    await using instance = await startInstance({ image: 'mv /home/ubuntu/.ssh /home/ubuntu/not-yet' });
    await using link = connectTo(instance.folder, instance.target);
    await eventually('it is told', () => link.status().difficulty?.message.includes('refuses the login'));
    assert.match(link.status().difficulty?.hint ?? '', /normal in the first minute/);
    await instance.asRoot('mv /home/ubuntu/not-yet /home/ubuntu/.ssh');
    await eventually('it is connected', () => link.status().state === 'connected');
    assert.equal(link.status().difficulty, undefined);
  });
});
