/** Where the focus goes when what had it is gone: for keyboards and screen readers, to the page's content. */

/** Focuses an element, or else the content of the page, unless something has the focus. */
export function focusWhereLost(wanted?: Element | null): void {
  if (document.activeElement !== document.body) return;
  const place = wanted?.isConnected && wanted !== document.body ? wanted : document.getElementById("main");
  (place as HTMLElement | null)?.focus({ preventScroll: true });
}
