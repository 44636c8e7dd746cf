// The manual: a page for each program, for each command of portalctl, and for the specification.
import { commandHelp, generalHelp } from '../../client/help-text.ts';
import { commands } from '../../client/registry.ts';
import { readArguments } from '../../daemon/arguments.ts';
import { help as sandboxHelp } from '../../sandbox/arguments.ts';
import { helpAsRoff } from './help-as-roff.ts';
import { escaped, heading, seeAlso, title } from './roff.ts';
import { specificationPage } from './specification-page.ts';

/** A file of the manual. */
export interface Page {
  /** For example `portald.1`. */
  readonly file: string;
  readonly roff: string;
}

type Reference = readonly [name: string, section: number];

/** All pages; `version` is that of the package. */
export async function manualPages(version: string): Promise<Page[]> {
  const page = (
    [name, section]: Reference,
    summary: string,
    body: string,
    others: readonly Reference[],
  ): Page => ({
    file: `${name}.${section}`,
    roff: `${title(name, section, version)}${heading('name')}${escaped(name)} \\- ${escaped(summary)}\n${tidy(body)}${seeAlso(others)}`,
  });
  const portald: Reference = ['portald', 1];
  const portalctl: Reference = ['portalctl', 1];
  const sandbox: Reference = ['portal-sandbox', 1];
  const specification: Reference = ['portal-specification', 5];
  const daemonHelp = readArguments(['--help'], version);
  const pages = [
    page(
      portald,
      'keep spot-priced EC2 machines alive',
      helpAsRoff('print' in daemonHelp ? daemonHelp.print : ''),
      [portalctl, specification],
    ),
    page(portalctl, 'tell portald what to do', helpAsRoff(generalHelp(commands)), [
      ...[...commands.keys()].map((name) => commandPage(name)),
      portald,
      specification,
    ]),
    page(sandbox, 'an EC2 in a box, for trying portald', helpAsRoff(sandboxHelp), [portald, portalctl]),
    page(specification, 'what a portal is to be', specificationPage(), [
      commandPage('init'),
      commandPage('validate'),
      commandPage('open'),
      commandPage('reload'),
    ]),
  ];
  for (const [name, { summary, load }] of commands)
    pages.push(page(commandPage(name), summary, helpAsRoff(commandHelp(await load())), [portalctl, portald]));
  return pages;
}

/** A heading begins a paragraph by itself. */
function tidy(body: string): string {
  return body.replace(/^(\.SH .*\n)\.PP\n/gm, '$1');
}

function commandPage(name: string): Reference {
  return [`portalctl-${name}`, 1];
}
