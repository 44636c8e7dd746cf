// What EC2 is to look for, so that its case-sensitive filters leave out nothing that a person means by a word.

/** So many letters stand in both cases in the patterns, which doubles their number each time; EC2 takes 200. */
const lettersInBothCases = 5;

/** Patterns of EC2's filters, any of which matches a text that has `word` in it, whatever the case; and little else. */
export function patternsFor(word: string): string[] {
  let letters = 0;
  let patterns = [''];
  for (const character of word) {
    const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    // `?` stands for any one character: what matches too much is sorted out later.
    const choices =
      cases.length === 1 ? [escaped(character)] : ++letters > lettersInBothCases ? ['?'] : cases;
    patterns = patterns.flatMap((begun) => choices.map((next) => begun + next));
  }
  return patterns.map((pattern) => `*${pattern}*`);
}

function escaped(character: string): string {
  return /[*?\\]/.test(character) ? `\\${character}` : character;
}

/** The word that narrows the search most: the longest one. */
export function mostTellingWord(words: readonly string[]): string {
  return words.toSorted((one, other) => other.length - one.length)[0] ?? '';
}
