// What the host must have for instances: asked once at the start, answered with one sentence.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programs: Record<string, string> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  pivot_root: 'util-linux',
  blkid: 'util-linux',
  hostname: 'hostname',
  'mkfs.ext4': 'e2fsprogs',
  cp: 'coreutils',
};

/** One sentence that says what is missing and how to get it, or undefined when instances can run. */
export function missingRequirement(): string | undefined {
  const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const missing = Object.keys(programs).filter(
    (name) => !folders.some((folder) => existsSync(`${folder}/${name}`)),
  );
  const packages = new Set(missing.map((name) => programs[name] ?? name));
  if (!pythonWorks()) {
    missing.push('/usr/bin/python3 with venv');
    packages.add('python3').add('python3-venv');
  }
  if (missing.length > 0) {
    return `Missing for the sandbox's instances: ${missing.join(', ')}. Run: apt-get install -y ${[...packages].join(' ')}`;
  }
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', 'true']);
  if (tried.status === 0) return undefined;
  const restricted = existsSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns');
  const setting = restricted
    ? 'kernel.apparmor_restrict_unprivileged_userns=0'
    : existsSync('/proc/sys/kernel/unprivileged_userns_clone')
      ? 'kernel.unprivileged_userns_clone=1'
      : 'user.max_user_namespaces=15000';
  return `This system does not let the sandbox make user namespaces (${tried.stderr.toString().trim()}). Run: sysctl -w ${setting}`;
}

function pythonWorks(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import venv, ensurepip, zipfile'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
