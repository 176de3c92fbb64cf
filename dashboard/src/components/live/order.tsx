/** The exercises of the workout in their order: moved by finger or mouse at the handle, or by keys and buttons. */

import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from "react-aria-components";
import { counted } from "../../format/units";
import type { LiveExercise } from "../../live/workout";
import { Button, IconButton } from "../button";
import { Dialog } from "../dialog";

interface Props {
  exercises: LiveExercise[];
  onOrder: (ids: string[]) => void;
  onRemove: (exercise: LiveExercise) => void;
  onClose: () => void;
}

export default function Order({ exercises, onOrder, onRemove, onClose }: Props) {
  const ids = exercises.map(({ id }) => id);
  function place(moved: string[], target: string, after: boolean) {
    const rest = ids.filter((id) => !moved.includes(id));
    const at = rest.indexOf(target) + (after ? 1 : 0);
    onOrder([...rest.slice(0, at), ...moved, ...rest.slice(at)]);
  }
  function shift(index: number, by: number) {
    const [id, other] = [ids[index], ids[index + by]];
    if (id && other) place([id], other, by > 0);
  }
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ "text/plain": String(key) })),
    onReorder: ({ keys, target }) => place([...keys].map(String), String(target.key), target.dropPosition === "after"),
  });
  return (
    <Dialog title="Exercises" onClose={onClose}>
      <GridList
        aria-label="Order of the exercises"
        className="order"
        items={exercises}
        // Without it an item keeps the ids of an earlier order: the server gives a new exercise another id.
        dependencies={[exercises]}
        dragAndDropHooks={dragAndDropHooks}
        selectionMode="none"
      >
        {(exercise) => (
          <GridListItem className="order-item" textValue={exercise.name}>
            <AriaButton slot="drag" className="order-handle" aria-label={`Move ${exercise.name}`}>
              ⠿
            </AriaButton>
            <span className="order-name">
              {exercise.name} <span className="small quiet">{counted(exercise.sets.length, "set")}</span>
            </span>
            <IconButton
              icon="up"
              name={`Move ${exercise.name} up`}
              onPress={() => shift(ids.indexOf(exercise.id), -1)}
            />
            <IconButton
              icon="down"
              name={`Move ${exercise.name} down`}
              onPress={() => shift(ids.indexOf(exercise.id), 1)}
            />
            <IconButton icon="close" name={`Take ${exercise.name} out`} onPress={() => onRemove(exercise)} />
          </GridListItem>
        )}
      </GridList>
      <div className="row end">
        <Button look="primary" onPress={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
