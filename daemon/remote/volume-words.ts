// How a script on volumes answers (`word rest` on each line), and its failures as errors.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { RemoteResult } from './remote-command.ts';

/** What followed `word` in the answer; undefined if the script did not say it. */
export function answerOf(result: RemoteResult, word: string): string | undefined {
  return answersOf(result, word)[0];
}

/** The same of every line that begins with `word`. */
export function answersOf(result: RemoteResult, word: string): string[] {
  return result.stdout
    .split('\n')
    .filter((line) => line === word || line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));
}

/** A script that failed, with its own words; `doing` as in "mounting vol-1 on /data". */
export function failure(result: RemoteResult, doing: string): PortalError {
  const said = result.stderr.trim();
  if (/sudo: .*(password is required|a terminal is required)|not in the sudoers file/.test(said)) {
    return new PortalError('mount', `${doing} failed: the remote user may not use sudo without a password`, {
      hint: 'use an image whose remote_user has NOPASSWD in sudoers, as the usual cloud images do',
    });
  }
  if (/must have a tty/.test(said)) {
    return new PortalError('mount', `${doing} failed: sudo on the instance wants a terminal`, {
      hint: 'take "Defaults requiretty" out of /etc/sudoers of the image',
    });
  }
  const missing = /^sudo: ([^:\s]+): command not found/m.exec(said)?.[1];
  if (missing !== undefined) {
    return new PortalError('mount', `${doing} failed: the instance has no ${words(missing)}`, {
      hint: `install the package that has ${words(missing)}, or use an image that has it`,
    });
  }
  return new PortalError('mount', `${doing} failed: ${words(said) || `code ${result.code}`}`);
}

/** Text of the instance's, short and harmless. */
export function words(text: string): string {
  return visibleText(
    text
      .trim()
      .slice(0, 400)
      .replaceAll(/\s*\n\s*/g, '; '),
  );
}
