/** Moving planned workouts by mouse, by long press and by keys: one drop is one call of the API. */

import { useRef } from "react";
import { type DropItem, useDrag, useDrop } from "react-aria-components";
import { type Planned, type SelectionChanges, select } from "../api/plan";
import { afterWrite } from "../api/queries";
import { changesOfMove, type Place } from "../format/plan";
import { say, sayFailure } from "./messages";

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
    onDrop: ({ items }) => void drop(items, place),
  });
  return { ref, dropProps, isDropTarget };
}

async function drop(items: DropItem[], place: Place): Promise<void> {
  const item = items.find((one) => one.kind === "text" && one.types.has(TYPE));
  if (item?.kind === "text") await move(JSON.parse(await item.getText(TYPE)) as Planned, place);
}

/** Moves a workout by one call; none where it is there already. */
export async function move(planned: Planned, place: Place): Promise<void> {
  const changes = changesOfMove(planned, place);
  if (!changes) return;
  const { isSelected, currentPlanDay, timeOfDay } = planned.selection;
  const before: SelectionChanges = { isSelected, currentPlanDay, timeOfDay };
  try {
    await select(planned.id, changes);
    await afterWrite();
    const verb = place === "tray" ? "put aside" : "moved";
    say(`${planned.title} ${verb}`, () => select(planned.id, before));
  } catch (error) {
    sayFailure(error);
  }
}
