/** What was deleted of the records that have no page of their own, brought back from here. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Deleted, deletedOf, type Noun } from "../api/records";
import { ago } from "../format/days";
import { NOUNS } from "../format/records";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { HistoryDialog } from "./record-history";
import { Answer } from "./states";
import { bringBack } from "./trash";

export default function TrashDialog({ noun, onClose }: { noun: Noun; onClose: () => void }) {
  const asked = useQuery(deletedOf(noun));
  const [shown, setShown] = useState<Deleted>();
  const many = NOUNS[noun][1].toLowerCase();
  if (shown) return <HistoryDialog noun={noun} id={shown.id} onClose={onClose} />;
  return (
    <Dialog title={`Deleted ${many}`} onClose={onClose} wide>
      <p className="quiet">What is deleted keeps its history; restoring it brings it back as it was.</p>
      <Answer of={asked} lines={4}>
        {(items) =>
          items.length === 0 ? (
            <p>No {many} are deleted.</p>
          ) : (
            <ul className="trash">
              {items.map((one) => (
                <Row key={one.id} noun={noun} one={one} onHistory={() => setShown(one)} />
              ))}
            </ul>
          )
        }
      </Answer>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function Row({ noun, one, onHistory }: { noun: Noun; one: Deleted; onHistory: () => void }) {
  const { zone } = usePerson();
  const name = one.name ?? one.title ?? NOUNS[noun][0];
  return (
    <li>
      <span className="trash-name">
        <b>{name}</b> <span className="small quiet">deleted {ago(one.deleted_at ?? "", zone)}</span>
      </span>
      <span className="row">
        <Button look="quiet" aria-label={`History of ${name}`} onPress={onHistory}>
          History
        </Button>
        <Button aria-label={`Restore ${name}`} onPress={() => bringBack(noun, one.id, name)}>
          Restore
        </Button>
      </span>
    </li>
  );
}
