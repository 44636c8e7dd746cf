// The text of --help as the body of a page: what the programs print is what the manual says.
import { definition, escaped, heading, literal, paragraph } from './roff.ts';

/** Synopsis, description and the help's own sections. `help` begins with its usage, up to an empty line. */
export function helpAsRoff(help: string): string {
  const [first = '', ...blocks] = help.trimEnd().split(/\n{2,}/);
  const usage = first.replace(/^usage: /i, '').split('\n');
  const synopsis = usage.map((line) => escaped(line.trim())).join('\n.br\n');
  return `${heading('synopsis')}${synopsis}\n${heading('description')}${blocks.map(blockAsRoff).join('')}`;
}

function blockAsRoff(block: string): string {
  const lines = block.split('\n');
  const [first = '', second] = lines;
  if (/^\S.*:$/.test(first) && (second === undefined || second.startsWith(' ')))
    return heading(first.slice(0, -1)) + (second === undefined ? '' : indented(lines.slice(1)));
  return lines.every((line) => !line.startsWith(' ')) ? paragraph(lines.join(' ')) : indented(lines);
}

interface Entry {
  readonly indentation: number;
  readonly term: string;
  meaning: string;
}

/** A table of terms and meanings, if all lines fit in one; else the lines as they are. */
function indented(lines: readonly string[]): string {
  const entries: Entry[] = [];
  let column: number | undefined;
  for (const [index, line] of lines.entries()) {
    const start = /^( +)(\S.*?) {2,}(?=\S)/.exec(line);
    const indentation = line.search(/\S/);
    const last = entries.at(-1);
    if (last !== undefined && indentation === column) last.meaning = `${last.meaning} ${line.trim()}`.trim();
    else if (start !== null && (column ?? start[0].length) === start[0].length) {
      column = start[0].length;
      entries.push({ indentation, term: start[2] ?? '', meaning: line.slice(column) });
    } else if (column !== undefined && lines[index + 1]?.search(/\S/) === column)
      entries.push({ indentation, term: line.trim(), meaning: '' });
    else return literal(lines);
  }
  // An option without a letter stands below the words, not the letters, of those with one; that is no nesting.
  return entries
    .map(({ indentation, term, meaning }) => definition(term, meaning, indentation === 4))
    .join('');
}
