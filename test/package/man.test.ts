// The manual: complete, the same words as the help, and roff that a formatter takes without a word.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandHelp, generalHelp } from '../../client/help-text.ts';
import { commands } from '../../client/registry.ts';
import { readArguments } from '../../daemon/arguments.ts';
import { helpAsRoff } from '../../package/man/help-as-roff.ts';
import { manualPages } from '../../package/man/pages.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';
import { help as sandboxHelp } from '../../sandbox/arguments.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { clone } from './built.ts';

const noMan = spawnSync('man', ['--version']).status !== 0 && 'there is no man here';

test('package.json lists every page, so that npm installs it', async () => {
  const { man } = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8')) as { man: string[] };
  const pages = await manualPages('1.0.0');
  assert.deepEqual(man.toSorted(), pages.map(({ file }) => `dist/man/${file}`).toSorted());
});

test('a help becomes sections, tables and lines as they are', () => {
  const help = `usage: thing NAME

Does it. And
more.

options:
  --all       every one,
              -- and more
    --inner   of those
  --as-long-a-word-as-this
              below

example:
  thing 'a' | .b
`;
  assert.equal(
    helpAsRoff(help),
    `.SH SYNOPSIS
thing NAME
.SH DESCRIPTION
.PP
Does it. And more.
.SH OPTIONS
.TP
\\fB\\-\\-all\\fR
every one, \\-\\- and more
.RS
.TP
\\fB\\-\\-inner\\fR
of those
.RE
.TP
\\fB\\-\\-as\\-long\\-a\\-word\\-as\\-this\\fR
below
.SH EXAMPLE
.PP
.nf
  thing \\(aqa\\(aq | .b
.fi
`,
  );
});

test('man shows every word of each help and every field, and finds nothing wrong', {
  skip: noMan,
}, async (context) => {
  const folder = temporaryFolder(context);
  const printed = readArguments(['--help'], '1.0.0');
  const wanted = new Map<string, string>([
    ['portald.1', 'print' in printed ? printed.print : ''],
    ['portalctl.1', generalHelp(commands)],
    ['portal-sandbox.1', sandboxHelp],
    ['portal-specification.5', Object.keys(specificationSchema.properties).join(' ')],
  ]);
  for (const [name, { load }] of commands) wanted.set(`portalctl-${name}.1`, commandHelp(await load()));
  const words = (text: string): string[] => text.toLowerCase().match(/[^\s:[\]]+/g) ?? [];
  for (const { file, roff } of await manualPages('1.0.0')) {
    const path = join(folder, file);
    writeFileSync(path, roff);
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', path], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        LC_ALL: 'C.UTF-8',
        MANWIDTH: '200',
        MANROFFOPT: '-c',
        MAN_KEEP_FORMATTING: '',
      },
    });
    assert.equal(stderr, '', file);
    const shown = new Set(words(stdout));
    const missing = words(wanted.get(file) ?? '').filter((word) => word !== 'usage' && !shown.has(word));
    assert.deepEqual(missing, [], file);
  }
});
