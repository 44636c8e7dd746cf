// Python packages made here, so that pip can install them without a network.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads from its arguments: file, name, version, further metadata. */
const makeWheel = `
import sys, zipfile
path, name, version, more = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(path, "w") as wheel:
    wheel.writestr(f"{name}.py", f"version = {version!r}\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n{more}")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;

/**
 * Makes a folder of wheels, and has pip of this home take packages from there alone: `thing` 1.2 and 2.0, whose extra
 * `more` needs `other`, and `other` 1.0. Returns the folder.
 */
export function offerWheels(home: string): string {
  const folder = join(home, 'wheels');
  mkdirSync(folder);
  const more = 'Provides-Extra: more\nRequires-Dist: other; extra == "more"\n';
  for (const [name, version, metadata] of [
    ['thing', '1.2', more],
    ['thing', '2.0', more],
    ['other', '1.0', ''],
  ] as const) {
    const path = join(folder, `${name}-${version}-py3-none-any.whl`);
    execFileSync('/usr/bin/python3', ['-c', makeWheel, path, name, version, metadata]);
  }
  mkdirSync(join(home, '.config/pip'), { recursive: true });
  const lines = ['[global]', 'no-index = true', `find-links = ${folder}`];
  writeFileSync(join(home, '.config/pip/pip.conf'), `${lines.join('\n')}\n`);
  return folder;
}
