// Text from elsewhere (banners, pip's output, file names, tags) must never drive a terminal.

// C0 and C1 controls, DEL, bidirectional overrides and isolates, zero-width and line separators.
// biome-ignore lint: the control characters are the point
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** `text` with every control character written out (`\x1b`, `\u202e`); tabs and line breaks too. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
