/** One changeset: what it did to each record. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { changeset as changesetQuery, type RecordsFilter, recordsOf } from "../api/changes";
import { ApiError } from "../api/client";
import { allItems, type Changeset } from "../api/queries";
import type { Noun } from "../api/records";
import { type Address, useAddress } from "../components/address";
import { Button } from "../components/button";
import { Counts, titleOf, undoNameOf } from "../components/changesets";
import { followingOf } from "../components/following";
import { PageFrame, RecordPage } from "../components/page";
import { Records, WHAT } from "../components/records";
import { RevertDialog } from "../components/revert-dialog";
import { SelectField } from "../components/select-field";
import { Answer, Empty } from "../components/states";
import { showInstant } from "../format/days";
import { NOUNS } from "../format/records";
import { nameOf, usePerson } from "../person";

export default function ChangesetPage() {
  const { id = "" } = useParams();
  const asked = useQuery(changesetQuery(Number(id)));
  if (asked.error instanceof ApiError && asked.error.status < 500) {
    return <PageFrame title="There is no such change" lead="It may belong to another account." />;
  }
  return (
    <RecordPage title="Change" of={asked}>
      {(changeset) => <Contents changeset={changeset} />}
    </RecordPage>
  );
}

function Contents({ changeset }: { changeset: Changeset }) {
  const { user, zone } = usePerson();
  const [address, change] = useAddress();
  const [reverting, setReverting] = useState(false);
  const filter = { noun: address.noun, what: address.what } as RecordsFilter;
  const asked = useInfiniteQuery(recordsOf(changeset.changeset_id, filter));
  const { changeset_id, created_at, actor, reason, reverted_by } = changeset;
  return (
    <PageFrame
      title={titleOf(changeset, zone)}
      lead={[`Change ${changeset_id}`, nameOf(actor, user), showInstant(created_at, zone)].filter(Boolean).join(" · ")}
      actions={!reverted_by && <Button onPress={() => setReverting(true)}>{undoNameOf(changeset)}</Button>}
    >
      {reverted_by && (
        <p className="notice" role="status">
          <span>
            Taken back by{" "}
            <Link href={`/changes/${reverted_by}`} className="text-link">
              change {reverted_by}
            </Link>
            .
          </span>
        </p>
      )}
      {reason && <p>“{reason}”</p>}
      <Counts of={changeset} />
      <Filters filter={filter} change={change} />
      <Answer of={asked}>
        {(data) => (
          <Records
            records={allItems(data)}
            {...followingOf(asked)}
            empty={
              <Empty title="No records">
                {filter.noun || filter.what ? "Nothing in it fits these filters." : "It changed nothing."}
              </Empty>
            }
          />
        )}
      </Answer>
      {reverting && <RevertDialog changeset={changeset} onClose={() => setReverting(false)} />}
    </PageFrame>
  );
}

function Filters({ filter, change }: { filter: RecordsFilter; change: (changes: Address) => void }) {
  const nouns = (Object.keys(NOUNS) as Noun[]).map((noun) => [noun, NOUNS[noun][1]] as const);
  return (
    <div className="record-filters">
      <SelectField
        label="Of"
        value={filter.noun ?? ""}
        options={[["", "Everything"], ...nouns]}
        onChange={(noun) => change({ noun })}
      />
      <SelectField
        label="What"
        value={filter.what ?? ""}
        options={[["", "Any change"], ...Object.entries(WHAT)]}
        onChange={(what) => change({ what })}
      />
    </div>
  );
}
