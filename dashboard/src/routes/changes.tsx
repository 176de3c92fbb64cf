/** What imports, syncs, bulk edits and reverts did, each as a whole; and the way in for files. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { Link } from "wouter";
import { allItems, type Changeset, changesets } from "../api/queries";
import { Button } from "../components/button";
import { Counts, titleOf, undoNameOf } from "../components/changesets";
import { type Following, followingOf, NotLoaded } from "../components/following";
import { importFiles } from "../components/importing";
import { PageFrame } from "../components/page";
import type { RailNode } from "../components/rail";
import { RevertDialog } from "../components/revert-dialog";
import { Answer, Empty } from "../components/states";
import { Syncs } from "../components/sync";
import { UnfinishedImports } from "../components/unfinished";
import { VirtualRail } from "../components/virtual-rail";
import { ago } from "../format/days";
import { nameOf, usePerson } from "../person";
import "../styles/history.css";
import "../styles/changes.css";

export default function Changes() {
  const asked = useInfiniteQuery(changesets);
  const [reverted, setReverted] = useState<Changeset>();
  return (
    <PageFrame
      title="Changes"
      lead="Every import, sync and bulk edit as a whole. Reverting one leaves what you edited since."
      actions={
        <FileTrigger allowsMultiple onSelect={(files) => files && importFiles([...files])}>
          <Button look="primary" icon="file">
            Import
          </Button>
        </FileTrigger>
      }
    >
      <p className="file-drop">
        Drop files or a folder on any page: FIT, GPX and TCX, or an export of Strava, Garmin, MapMyFitness, Hevy,
        Strong, TrainingPeaks and others. You see what they would change before they do.
      </p>
      <UnfinishedImports />
      <Syncs />
      <Answer of={asked}>
        {(data) => {
          const items = allItems(data);
          return items.length > 0 ? (
            <ChangesRail items={items} onRevert={setReverted} following={followingOf(asked)} />
          ) : (
            <Empty title="No changes yet">What you import appears here, and can be taken back as a whole.</Empty>
          );
        }}
      </Answer>
      {reverted && <RevertDialog changeset={reverted} onClose={() => setReverted(undefined)} />}
    </PageFrame>
  );
}

interface RailProps {
  items: Changeset[];
  onRevert: (changeset: Changeset) => void;
  following: Following;
}

function ChangesRail({ items, onRevert, following }: RailProps) {
  const { user, zone } = usePerson();
  const nodes = items.map((changeset): RailNode => {
    const { changeset_id, created_at, actor, reason, reverted_by } = changeset;
    return {
      key: String(changeset_id),
      title: (
        <Link href={`/changes/${changeset_id}`} className="quiet-link">
          {titleOf(changeset, zone)}
        </Link>
      ),
      look: reverted_by ? "undone" : undoNameOf(changeset) === "Redo" ? "gone" : "plain",
      mark: reverted_by ? (
        <span className="small faint">
          Taken back by{" "}
          <Link href={`/changes/${reverted_by}`} className="text-link">
            {`change\u00a0${reverted_by}`}
          </Link>
        </span>
      ) : (
        <Button look="quiet" onPress={() => onRevert(changeset)}>
          {undoNameOf(changeset)}
        </Button>
      ),
      meta: [`Change ${changeset_id}`, nameOf(actor, user), ago(created_at, zone)].filter(Boolean).join(" · "),
      body: (
        <>
          {reason && !changeset.reverts && <p className="rail-reason">“{reason}”</p>}
          <Counts of={changeset} />
        </>
      ),
    };
  });
  return (
    <section className="panel changes">
      <VirtualRail nodes={nodes} name="Changes" onLoadMore={following.onLoadMore} />
      {following.failed && <NotLoaded {...following} />}
    </section>
  );
}
