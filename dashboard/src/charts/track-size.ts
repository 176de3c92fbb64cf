/** How much room the curves of an activity take, for what stands there before they are fetched, too. */

export const MARGIN = { top: 8, right: 16, bottom: 24, left: 48 };
/** A curve, and its name above it. */
export const BAND = 92;
export const NAME = 32;

export function heightOf(tracks: number): number {
  return MARGIN.top + tracks * (NAME + BAND) + MARGIN.bottom;
}
