// Text from elsewhere (banners, pip's output, file names, tags) must never drive a terminal.

// Controls (C0, C1, DEL), formats (bidirectional overrides, zero-width characters, tags), line and paragraph
// separators, and surrogates without their other half.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` with every control character written out (`\x1b`, `\u202e`); tabs and line breaks too. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code <= 0xffff ? unicodeEscape(code) : `\\u{${code.toString(16)}}`;
  });
}

/** `value` as JSON on one line in which every control character is escaped; it parses to the same value. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, index) => unicodeEscape(character.charCodeAt(index))).join(
      '',
    ),
  );
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
