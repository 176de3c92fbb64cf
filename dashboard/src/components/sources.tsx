/** Where a record comes from: asked for when it is opened. A source that is not this activity is taken out of it. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { revert } from "../api/changes";
import { forgetDifferent } from "../api/inbox";
import type { Measured } from "../api/points";
import { afterWrite } from "../api/queries";
import { type Apart, type Source, separate, sources } from "../api/sources";
import { localDay, showDay } from "../format/days";
import { hrefOf, NOUNS } from "../format/records";
import { usePerson } from "../person";
import { Button } from "./button";
import { say, sayFailure } from "./messages";
import { Answer } from "./states";

interface Props {
  noun: Measured;
  id: string;
  version: number;
  deleted: boolean;
}

export function Sources(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details className="panel sources" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Where it comes from</h2>
      </summary>
      {open && <List {...props} />}
    </details>
  );
}

function List({ noun, id, version, deleted }: Props) {
  const asked = useQuery(sources(noun, id, version));
  return (
    <Answer of={asked} lines={2}>
      {({ items, apart }) => (
        <>
          <ul>
            {items.map((source) => (
              <Item key={source.key} noun={noun} id={id} source={source} fixed={deleted || items.length === 1} />
            ))}
          </ul>
          {apart.length > 0 && (
            <>
              <h3>Kept apart from it</h3>
              <ul>
                {apart.map((other) => (
                  <Other key={other.id} noun={noun} id={id} other={other} />
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Answer>
  );
}

interface ItemProps extends Pick<Props, "noun" | "id"> {
  source: Source;
  /** Whether it cannot be taken out. */
  fixed: boolean;
}

function Item({ noun, id, source: { key, source, changeset_id, created_at, reason, first }, fixed }: ItemProps) {
  const { zone } = usePerson();
  const one = NOUNS[noun][0].toLowerCase();
  const separating = useMutation({
    mutationFn: () => separate(noun, id, [key]),
    onSuccess: async (made) => {
      await afterWrite();
      say(`${source} is a ${one} of its own now`, () => revert(made.changeset_id));
    },
    onError: sayFailure,
  });
  const byHand = source === "Manual";
  const day = showDay(localDay(created_at, zone));
  return (
    <li>
      <span>
        <b>{byHand ? "Entered by hand" : source}</b>{" "}
        <span className="small quiet">
          {changeset_id === null ? (
            day
          ) : (
            <Link href={`/changes/${String(changeset_id)}`} className="text-link">
              {day}
            </Link>
          )}
        </span>
        <span className="small quiet why">{reason ?? (first ? `The ${one} was made of it` : "It came first")}</span>
      </span>
      {!fixed && !byHand && (
        <Button
          look="quiet"
          aria-label={`Separate ${source}`}
          isPending={separating.isPending}
          onPress={() => separating.mutate()}
        >
          Separate
        </Button>
      )}
    </li>
  );
}

function Other({ noun, id, other }: Pick<Props, "noun" | "id"> & { other: Apart }) {
  const { changeset_id } = other;
  const one = NOUNS[noun][0].toLowerCase();
  const undoing = useMutation({
    mutationFn: async () => {
      await (changeset_id === null ? forgetDifferent(noun, id, other.id) : revert(changeset_id));
    },
    onSuccess: async () => {
      await afterWrite();
      say(changeset_id === null ? "They may be suggested as duplicates again" : `They are one ${one} again`);
    },
    onError: sayFailure,
  });
  return (
    <li>
      <span>
        <Link href={hrefOf(noun, other.id)} className="text-link">
          {`Another ${one}`}
        </Link>
        <span className="small quiet why">
          {changeset_id === null ? "You said that they differ" : "You separated them"}
        </span>
      </span>
      <Button look="quiet" isPending={undoing.isPending} onPress={() => undoing.mutate()}>
        {changeset_id === null ? "Ask again" : "Join again"}
      </Button>
    </li>
  );
}
