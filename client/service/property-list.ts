// The text of a launchd property list: the packaged one with the real paths and the variables filled in.
import type { Variables } from './taken-environment.ts';
import { ownMark } from './written-file.ts';

/** Around the variables that an installation took, so that the next one finds them. */
const [begin, end] = ['<!-- taken from the environment -->', '<!-- until here -->'];

/** What stands between @ in the packaged text. */
export type Places = Readonly<Record<'node' | 'portald' | 'state' | 'user' | 'home', string>>;

export function propertyListText(packaged: string, places: Places, variables: Variables): string {
  const taken = [...variables].map(
    ([name, value]) => `    <key>${escaped(name)}</key>\n    <string>${escaped(value)}</string>\n`,
  );
  return (
    packaged
      .replace('<plist ', () => `<!-- ${ownMark} -->\n<plist `)
      .replaceAll(
        /(<string>.*)@(node|portald|state|user|home)@/g,
        (_, before: string, name: keyof Places) => `${before}${escaped(places[name])}`,
      )
      // The last, as a value may hold anything.
      .replace('    <!-- @variables@ -->\n', () => `    ${begin}\n${taken.join('')}    ${end}\n`)
  );
}

/** The variables that `propertyListText` was given. */
export function readTakenVariables(text: string): Variables {
  const taken = text.slice(text.indexOf(begin) + 1, text.includes(begin) ? text.indexOf(end) : 0);
  const pairs = taken.matchAll(/<key>([^<]*)<\/key>\s*<string>([^<]*)<\/string>/g);
  return new Map([...pairs].map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
