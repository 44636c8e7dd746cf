// Texts that reach a shell on the instance by its standard input, one a line: no login shell sees them, whatever they hold.

/** One line for `readLine`. */
export function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** Shell words that read such a line into a variable; the full stop keeps line breaks at its end. */
export function readLine(variable: string): string {
  return `IFS= read -r line; ${variable}=$(printf "%b." "$line"); ${variable}=\${${variable}%.}`;
}
