// completion: what the shells themselves make of the scripts.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { commands } from '../../client/registry.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { storedSnapshot, storedVolume } from '../rpc/scripted-volumes.ts';
import { type ClientFixture, clientFixture, portalctlProgram } from './client-fixture.ts';

/** Runs a shell's program with portalctl on its PATH; what it prints, without the last line's end. */
async function inShell(
  { folder, environment }: ClientFixture,
  shell: readonly [string, ...string[]],
  program: string,
): Promise<string> {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const words = `'${process.execPath}' '${portalctlProgram}' "$@"`;
  writeFileSync(join(folder, 'bin', 'portalctl'), `#!/bin/sh\nexec ${words}\n`, { mode: 0o755 });
  const child = spawn(shell[0], [...shell.slice(1), program], {
    cwd: folder,
    env: { ...environment, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  await once(child, 'close');
  return printed.trimEnd();
}

/** `[what is typed, what is offered]`. */
const cases: readonly (readonly [line: string, offered: string])[] = [
  ['portalctl cl', 'close'],
  ['portalctl channel ', 'cpu gpu'],
  ['portalctl channel gpu ', 'pause resume sync'],
  ['portalctl close gpu c', 'cpu'],
  ['portalctl open o', 'other'],
  ['portalctl init o', ''],
  ['portalctl status gpu ', ''],
  ['portalctl status --w', '--watch'],
  ['portalctl info gpu -f ke', 'key'],
  ['portalctl logs --level w', 'warn'],
  ['portalctl logs --lines ', ''],
  ['portalctl ssh gpu -- ', ''],
  ['portalctl daemon st', 'start status stop'],
  ['portalctl help stat', 'status'],
  ['portalctl completion z', 'zsh'],
  ['portalctl --v', '--version'],
  ['portalctl open ./ot', './other.yaml'],
  ['portalctl open su', 'sub/'],
  ['portalctl validate sub/', 'sub/deep/ sub/inner.json'],
  ['portalctl open sub/inn', 'sub/inner.json'],
  ['portalctl open set', ''],
  ['portalctl volume update ', 'vol-1 vol-2'],
  ['portalctl volume restore ', 'snap-1'],
  ['portalctl volume delete ', 'snap-1 vol-1 vol-2'],
  ['portalctl volume delete vol-1 s', 'snap-1'],
  ['portalctl volume list ', ''],
  ['portalctl volume create --zone ', 'eu-west-1a eu-west-1b'],
  ['portalctl volume create --snapshot ', 'snap-1'],
  ['portalctl volume create --type s', 'sc1 st1 standard'],
  ['portalctl price --type ', 'g5.xlarge'],
  ['portalctl completion --list z', 'zones'],
];

async function furnished(...parameters: Parameters<typeof clientFixture>): Promise<ClientFixture> {
  const fixture = await clientFixture(...parameters);
  for (const name of ['gpu', 'cpu']) fixture.daemon.show(portalView(name, 'open'));
  const { volumes } = fixture.daemon;
  // Those of somebody else can be meant, too; what a shell would run cannot.
  volumes.volumes = ['vol-1', 'vol-2', '$(touch harmed)'].map((id) =>
    storedVolume({ id, isOurs: id === 'vol-1' }),
  );
  volumes.snapshots = [storedSnapshot({ id: 'snap-1' })];
  for (const name of ['other', 'e$(touch harmed)', '-x'])
    writeFileSync(join(fixture.folder, `${name}.yaml`), 'spot_instance:\n  instance_type: g5.xlarge\n');
  mkdirSync(join(fixture.folder, 'sub/deep'), { recursive: true });
  writeFileSync(join(fixture.folder, 'sub/inner.json'), '{"spot_instance": {}}');
  for (const name of ['settings.yaml', 'sub/settings.yml', 'sub/notes'])
    writeFileSync(join(fixture.folder, name), 'something: else\n');
  return fixture;
}

function missing(shell: string): false | string {
  return spawnSync(shell, ['--version']).status !== 0 && `no ${shell} here`;
}

suite('portalctl completion', () => {
  test('bash', { skip: missing('bash') }, async (context) => {
    const fixture = await furnished(context);
    const program = `set -u; shopt -s failglob
eval "$(portalctl completion bash)"
complete -p portalctl
while IFS= read -r line; do
  read -ra COMP_WORDS <<< "$line"
  [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  _portalctl
  printf '%s\\n' "$(printf '%s\\n' "\${COMPREPLY[@]-}" | sort | tr '\\n' ' ' | sed 's/ $//')"
done <<'LINES'
${['portalctl ', ...cases.map(([line]) => line)].join('\n')}
LINES
[ -e harmed ] && echo harmed
exit 0`;
    const [spoken, all, ...told] = (await inShell(fixture, ['bash', '--norc', '-c'], program)).split('\n');
    assert.equal(spoken, 'complete -F _portalctl portalctl');
    assert.deepEqual(all?.split(' '), [...commands.keys()].toSorted());
    assert.deepEqual(
      cases.map(([line], index) => [line, told[index] ?? '']),
      cases,
    );
    assert.equal(told.length, cases.length, 'a name of a file is never run');
  });

  test('every option of every command is offered', async (context) => {
    const fixture = await furnished(context);
    const program = `. ./script; for name in ${[...commands.keys()].join(' ')}; do echo "$name" $(_portalctl_next - "$name"); done`;
    const script = await fixture.run('completion', 'bash', '--json');
    writeFileSync(
      join(fixture.folder, 'script'),
      JSON.parse(script.stdout).script.split('\n_portalctl() {')[0],
    );
    const lines = (await inShell(fixture, ['sh', '-c'], program)).split('\n');
    for (const [index, [name, { load }]] of [...commands].entries()) {
      const { flags, values = [], letters = {} } = await load();
      const long = [...flags, ...values, 'json', 'help'].map((one) => `--${one}`);
      const short = ['h', ...Object.keys(letters)].map((one) => `-${one}`);
      const [first, ...offered] = lines[index]?.split(' ') ?? [];
      assert.deepEqual([first, offered.toSorted()], [name, [...long, ...short].toSorted()]);
    }
  });

  test('without a daemon the specifications of the folder stand in', async (context) => {
    const fixture = await furnished(context);
    await fixture.server.close();
    const program = `eval "$(portalctl completion bash)"; _portalctl_next '' close`;
    assert.equal(await inShell(fixture, ['bash', '-c'], program), 'gpu\nother');
  });

  test('fish', { skip: missing('fish') }, async (context) => {
    const fixture = await furnished(context);
    const asked = cases.map(([line]) => `echo (complete -C '${line}' | cut -f 1 | sort)`);
    const program = ['portalctl completion fish | source', ...asked].join('\n');
    const told = (await inShell(fixture, ['fish', '-N', '-c'], program)).split('\n');
    assert.deepEqual(
      cases.map(([line], index) => [line, told[index] ?? '']),
      cases,
    );
  });

  // Completion itself needs a terminal and the line editor.
  test('zsh: the syntax, and what the engine offers there', { skip: missing('zsh') }, async (context) => {
    const fixture = await furnished(context);
    const program = `compdef() { :; }; eval "$(portalctl completion zsh)" && _portalctl_next '' channel gpu`;
    assert.equal(await inShell(fixture, ['zsh', '-f', '-c'], program), 'sync\npause\nresume');
  });

  test('another shell, none', async (context) => {
    const fixture = await clientFixture(context);
    const wrong = await fixture.run('completion', 'fsh');
    assert.equal(wrong.exit, 2);
    assert.match(wrong.stderr, /there is no completion for "fsh"; did you mean "(zsh|fish)"\?/);
    assert.match((await fixture.run('completion')).stderr, /the shell is missing/);
  });
});
