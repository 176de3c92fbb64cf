/** Moving planned workouts by mouse, by long press and by keys: one drop is one call of the API. */

import { useRef, useSyncExternalStore } from "react";
import { type DropItem, useDrag, useDrop } from "react-aria-components";
import { type Planned, select } from "../api/plan";
import { changesOfMove, movedTo, type Place } from "../format/plan";
import { sayFailure } from "./messages";
import { changePlanned } from "./plan-change";

const TYPE = "application/x-fitness-planned-workout";

export function usePlannedDrag(planned: Planned) {
  const text = JSON.stringify(planned);
  return useDrag({
    hasDragButton: true,
    getItems: () => [{ [TYPE]: text, "text/plain": planned.title }],
    getAllowedDropOperations: () => ["move"],
  });
}

export function usePlace(place: Place) {
  const ref = useRef<HTMLElement>(null);
  const { dropProps, isDropTarget } = useDrop({
    ref,
    getDropOperation: (types) => (types.has(TYPE) ? "move" : "cancel"),
    onDrop: ({ items }) => void drop(items, place).catch(sayFailure),
  });
  return { ref, dropProps, isDropTarget };
}

async function drop(items: DropItem[], place: Place): Promise<void> {
  const item = items.find((one) => one.kind === "text" && one.types.has(TYPE));
  if (item?.kind === "text") await move(JSON.parse(await item.getText(TYPE)) as Planned, place);
}

/** Where workouts were dropped as long as the server has not said that they are there. */
let dropped: ReadonlyMap<number, Place> = new Map();
const listeners = new Set<() => void>();

function note(places: (before: ReadonlyMap<number, Place>) => Iterable<[number, Place]>): void {
  dropped = new Map(places(dropped));
  for (const listener of listeners) listener();
}

function onDropped(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Planned workouts, each once, where they were dropped last. */
export function useDropped(planned: Planned[]): Planned[] {
  const places = useSyncExternalStore(onDropped, () => dropped);
  const all = new Map(planned.map((one) => [one.id, one]));
  return [...all.values()].map((one) => {
    const place = places.get(one.id);
    return place ? movedTo(one, place) : one;
  });
}

/**
 * Moves a workout by one call; none where it is there already. It stands there at once; of several moves one is made
 * after the other, so that the last one stays. Throws ApiError.
 */
export function move(planned: Planned, place: Place): Promise<void> {
  note((before) => [...before, [planned.id, place]]);
  return changePlanned(planned, `${planned.title} ${place === "tray" ? "put aside" : "moved"}`, (current) => {
    const changes = changesOfMove(current, place);
    return changes && ((meant) => select(current.id, changes, meant));
  }).finally(() => note((before) => [...before].filter(([id, to]) => id !== planned.id || to !== place)));
}
