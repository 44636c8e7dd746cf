// The folder that every instance sees read-only at /opt/sandbox: agent, stand-in tools, and pip's wheels.
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agentProgram, sudoProgram } from './agent-program.ts';
import { blockToolNames, blockTools } from './block-tools.ts';
import { fuserTool } from './fuser-tool.ts';

const makeWheels = String.raw`import json, sys, zipfile
for name, versions in json.loads(sys.argv[2]).items():
    for version in versions:
        module = name.replace('-', '_')
        info = '%s-%s.dist-info/' % (module, version)
        files = {
            module + '/__init__.py': '__version__ = %r\n' % version,
            info + 'METADATA': 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version),
            info + 'WHEEL': 'Wheel-Version: 1.0\nGenerator: sandbox\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        }
        files[info + 'RECORD'] = ''.join('%s,,\n' % path for path in [*files, info + 'RECORD'])
        with zipfile.ZipFile('%s/%s-%s-py3-none-any.whl' % (sys.argv[1], module, version), 'w') as wheel:
            for path, content in files.items():
                wheel.writestr(path, content)
`;

/** Makes the toolbox in `folder`. `packages` are versions by name. Rejects if Python fails. */
export async function makeToolbox(folder: string, packages: Record<string, string[]>): Promise<void> {
  const [bin, wheels] = [join(folder, 'bin'), join(folder, 'wheels')];
  await mkdir(bin, { recursive: true });
  await mkdir(wheels);
  await writeFile(join(folder, 'agent.py'), agentProgram);
  const programs = { sudo: sudoProgram, fuser: fuserTool, 'block-tools': blockTools };
  for (const [name, program] of Object.entries(programs))
    await writeFile(join(bin, name), program, { mode: 0o755 });
  for (const name of blockToolNames) await symlink('block-tools', join(bin, name));
  await promisify(execFile)('/usr/bin/python3', ['-c', makeWheels, wheels, JSON.stringify(packages)]);
}
