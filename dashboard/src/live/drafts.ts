/** What was begun and is not part of the workout yet: it outlasts a look at something else, and the page. It ends with the tab. */

const DRAFTS = "fitness.drafts";

function drafts(): Record<string, unknown> {
  return JSON.parse(sessionStorage.getItem(DRAFTS) ?? "{}");
}

/** What was begun at a place: the next set of an exercise, or its note. */
export function draftOf<T>(place: string): T | undefined {
  return drafts()[place] as T | undefined;
}

export function keepDraft(place: string, draft: unknown): void {
  sessionStorage.setItem(DRAFTS, JSON.stringify({ ...drafts(), [place]: draft }));
}

export function forgetDrafts(): void {
  sessionStorage.removeItem(DRAFTS);
}
