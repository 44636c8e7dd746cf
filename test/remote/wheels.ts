// Python packages made here, so that pip can install them without a network.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads from its arguments: folder, then name, version and further metadata of each. */
const makeWheels = `
import sys, zipfile
folder, *words = sys.argv[1:]
for name, version, more in zip(words[0::3], words[1::3], words[2::3]):
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
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
  const wheels = [
    ['thing', '1.2', more],
    ['thing', '2.0', more],
    ['other', '1.0', ''],
  ];
  execFileSync('/usr/bin/python3', ['-c', makeWheels, folder, ...wheels.flat()]);
  mkdirSync(join(home, '.config/pip'), { recursive: true });
  const lines = ['[global]', 'no-index = true', `find-links = ${folder}`];
  writeFileSync(join(home, '.config/pip/pip.conf'), `${lines.join('\n')}\n`);
  return folder;
}
