/** Moving planned workouts by mouse, by long press and by keys: one drop is one call of the API. */

import { useRef } from "react";
import { type DropItem, useDrag, useDrop } from "react-aria-components";
import { type Planned, select } from "../api/plan";
import { changesOfMove, type Place } from "../format/plan";
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

/** Moves a workout by one call; none where it is there already. Throws ApiError. */
export async function move(planned: Planned, place: Place): Promise<void> {
  await changePlanned(planned, `${planned.title} ${place === "tray" ? "put aside" : "moved"}`, (current) => {
    const changes = changesOfMove(current, place);
    return changes && select(current, changes);
  });
}
