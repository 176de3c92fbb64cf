/** Moving planned workouts by finger: the grip is dragged. Not every phone's browser drags by itself. */

import { type PointerEvent, useState } from "react";
import type { Planned } from "../api/plan";
import type { Place } from "../format/plan";
import { sayFailure } from "./messages";
import { move } from "./plan-drag";

const EDGE = 96;
const SCROLL_STEP = 16;

function placeUnder(x: number, y: number): HTMLElement | null {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-place]") ?? null;
}

function scrollAtEdge(y: number): void {
  if (y < EDGE) scrollBy(0, -SCROLL_STEP);
  if (y > innerHeight - EDGE) scrollBy(0, SCROLL_STEP);
}

/** How far the finger has carried the workout, and what its grip does with pointers. */
export function usePlanTouch(planned: Planned) {
  const [carried, setCarried] = useState<{ x: number; y: number }>();
  function begin(from: PointerEvent<HTMLElement>) {
    if (from.pointerType !== "touch") return;
    const listening = new AbortController();
    let target: HTMLElement | null = null;
    const aim = (next: HTMLElement | null) => {
      target?.removeAttribute("data-aimed");
      next?.setAttribute("data-aimed", "");
      target = next;
    };
    const end = () => {
      listening.abort();
      aim(null);
      setCarried(undefined);
    };
    const options = { signal: listening.signal };
    addEventListener(
      "pointermove",
      (to) => {
        setCarried({ x: to.pageX - from.pageX, y: to.pageY - from.pageY });
        aim(placeUnder(to.clientX, to.clientY));
        scrollAtEdge(to.clientY);
      },
      options,
    );
    addEventListener(
      "pointerup",
      () => {
        const place = target?.dataset.place;
        end();
        if (place) void move(planned, JSON.parse(place) as Place).catch(sayFailure);
      },
      options,
    );
    addEventListener("pointercancel", end, options);
  }
  return { carried, begin };
}
