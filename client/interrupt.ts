// Ctrl-C ends the waiting, in words; a second one ends portalctl at once.

/** A signal that is aborted by the first Ctrl-C. After that one, or after `release`, Ctrl-C kills as it always does. */
export function catchInterrupt(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  return { signal: controller.signal, release: () => void process.off('SIGINT', abort) };
}
