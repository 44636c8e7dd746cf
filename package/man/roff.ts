// The few pieces of roff that the manual is made of; groff and mandoc read them alike.

const specials: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '~': '\\(ti',
  '^': '\\(ha',
  "'": '\\(aq',
  '`': '\\(ga',
};

/** Text as it is: what roff would read as an instruction or print as another character is escaped, ASCII only. */
export function escaped(text: string): string {
  const plain = text.replace(/[^ -~]|[\\~^'`-]/gu, (one) => specials[one] ?? codePoint(one));
  return plain.startsWith('.') ? `\\&${plain}` : plain;
}

function codePoint(character: string): string {
  return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** How a page begins; `version` is that of the package. Words are never broken: most are names. */
export function title(name: string, section: number, version: string): string {
  return `.TH ${escaped(name.toUpperCase())} ${section} "" "portald ${version}" "portald"\n.nh\n.ad l\n`;
}

export function heading(words: string): string {
  return `.SH ${escaped(words.toUpperCase())}\n`;
}

export function paragraph(text: string): string {
  return `.PP\n${escaped(text)}\n`;
}

/** Lines that stay as they are. */
export function literal(lines: readonly string[]): string {
  return `.PP\n.nf\n${lines.map((line) => `${escaped(line)}\n`).join('')}.fi\n`;
}

/** A term in bold with what it means below it; `isNested` moves both to the right. */
export function definition(term: string, meaning: string, isNested = false): string {
  const entry = `.TP\n\\fB${escaped(term)}\\fR\n${escaped(meaning)}\n`;
  return isNested ? `.RS\n${entry}.RE\n` : entry;
}

/** The other pages, by name and section. */
export function seeAlso(pages: readonly (readonly [name: string, section: number])[]): string {
  const list = pages.map(([name, section]) => `\\fB${escaped(name)}\\fR(${section})`);
  return `${heading('see also')}${list.join(',\n')}\n`;
}
