/**
 * Confirming who is there: some calls need a login of the last minutes, so that a stolen session alone cannot do them.
 * A call that the server refuses for want of one waits here until the person has confirmed it, or has not.
 */

let waiting: ((confirmed: boolean) => void)[] = [];
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** Asks the person; whether they confirmed. Calls that ask at once share the answer. */
export function confirmation(): Promise<boolean> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    tell();
  });
}

export function settle(confirmed: boolean): void {
  const settled = waiting;
  waiting = [];
  for (const resolve of settled) resolve(confirmed);
  tell();
}

export function isAsked(): boolean {
  return waiting.length > 0;
}

export function onAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
