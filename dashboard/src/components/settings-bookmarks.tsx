/** Instants with a name, and the way back to one. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Bookmark, bookmarks } from "../api/account";
import { previewRewind, rewind } from "../api/changes";
import { answer, api } from "../api/client";
import { afterWrite } from "../api/queries";
import { localMinute, showInstant, toInstant } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { overlay } from "./late";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

const UndoPreview = overlay(() => import("./undo-preview"));

export function Bookmarks() {
  const { zone } = usePerson();
  const asked = useQuery(bookmarks);
  const [to, setTo] = useState<string>();
  const [choosing, setChoosing] = useState(false);
  return (
    <Panel
      title="Bookmarks"
      aside={
        <Button look="quiet" onPress={() => setChoosing(true)}>
          Rewind to …
        </Button>
      }
    >
      <p className="small quiet">
        A bookmark keeps this moment by a name. A rewind puts every record back to how it was then, and can be undone.
      </p>
      <Answer of={asked} lines={2}>
        {(items) =>
          items.length > 0 && (
            <ul className="settings-list" aria-label="Bookmarks">
              {items.map((bookmark) => (
                <BookmarkRow key={bookmark.id} bookmark={bookmark} onRewind={() => setTo(bookmark.instant)} />
              ))}
            </ul>
          )
        }
      </Answer>
      <NewBookmark />
      {choosing && <ChooseInstant onClose={() => setChoosing(false)} onChoose={setTo} />}
      {to && (
        <Dialog title={`Rewind to ${showInstant(to, zone)}?`} onClose={() => setTo(undefined)} wide>
          <p className="quiet">
            What was added after it is deleted, what was changed or deleted after it goes back. The rewind is a change
            that can be reverted.
          </p>
          <UndoPreview
            of={["rewind", to]}
            dryRun={(cursor) => previewRewind(to, cursor)}
            apply={() => rewind(to)}
            name="Rewind"
            done={`Everything is as it was ${showInstant(to, zone)}`}
            onClose={() => setTo(undefined)}
          />
        </Dialog>
      )}
    </Panel>
  );
}

function BookmarkRow({ bookmark: { id, name, instant }, onRewind }: { bookmark: Bookmark; onRewind: () => void }) {
  const { zone } = usePerson();
  async function remove() {
    try {
      await answer(api.DELETE("/v1/bookmarks/{bookmark_id}", { params: { path: { bookmark_id: id } } }));
      await afterWrite();
      say(`${name} deleted`, () => answer(api.POST("/v1/bookmarks", { body: { name, instant } })));
    } catch (error) {
      sayFailure(error);
    }
  }
  return (
    <li>
      <span>
        {name} <span className="small quiet">{showInstant(instant, zone)}</span>
      </span>
      <span className="row">
        <Button look="quiet" aria-label={`Rewind to ${name}`} onPress={onRewind}>
          Rewind
        </Button>
        <Button look="quiet" aria-label={`Delete ${name}`} onPress={() => remove()}>
          Delete
        </Button>
      </span>
    </li>
  );
}

function NewBookmark() {
  const form = useSubmit(async ({ name = "" }) => {
    await answer(api.POST("/v1/bookmarks", { body: { name } }));
    await afterWrite();
    say(`${name} kept`);
  });
  return (
    <SubmitForm form={form} name="Keep this moment" look="outline">
      <TextField label="Name of the bookmark" name="name" isRequired hint="Such as: before the big import." />
    </SubmitForm>
  );
}

function ChooseInstant({ onClose, onChoose }: { onClose: () => void; onChoose: (instant: string) => void }) {
  const { zone } = usePerson();
  const now = localMinute(new Date(), zone);
  const form = useSubmit(async ({ instant = now }) => {
    onClose();
    onChoose(toInstant(instant, zone));
  });
  return (
    <Dialog title="Rewind" onClose={onClose}>
      <SubmitForm form={form} name="Preview" onCancel={onClose}>
        <TextField
          label="Day and time"
          name="instant"
          type="datetime-local"
          isRequired
          autoFocus
          defaultValue={now}
          hint="Everything goes back to how it was then. You see what that changes first."
        />
      </SubmitForm>
    </Dialog>
  );
}
