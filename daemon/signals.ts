// What portald does when it is signalled: it ends, or reads its configuration anew.

/** The first SIGTERM or SIGINT, or the end of the terminal it runs in; a second one ends the process at once. */
export function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    if (isInTerminal()) process.once('SIGHUP', resolve);
  });
}

/** SIGHUP asks a service to read its configuration anew; one that comes while it starts is heeded once it can be. */
export function hangUps(): (reload: () => void) => void {
  let isAsked = false;
  let heed = (): void => {
    isAsked = true;
  };
  if (!isInTerminal()) process.on('SIGHUP', () => heed());
  return (reload) => {
    heed = reload;
    if (isAsked) reload();
  };
}

function isInTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY;
}
