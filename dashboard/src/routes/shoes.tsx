/** Shoes: how worn each is, what was run in none, and their own pages' worth of edits. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { mileageByShoe, type Shoe, shoes } from "../api/queries";
import { useAddress } from "../components/address";
import { Button } from "../components/button";
import { Chips } from "../components/chips";
import { overlay } from "../components/late";
import { MergeDialog } from "../components/merge";
import { sayFailure } from "../components/messages";
import { PageFrame } from "../components/page";
import { HistoryDialog } from "../components/record-history";
import { RetireDialog, ShoeDialog } from "../components/shoe-dialogs";
import { bringBackShoe } from "../components/shoe-save";
import { Answer, Empty, together } from "../components/states";
import { WearBar, WORN, WORN_OUT } from "../components/wear";
import { showDay } from "../format/days";
import { runsIn } from "../format/records";
import { counted, distance, fromMiles, number, UNIT } from "../format/units";
import { usePerson } from "../person";
import "../styles/history.css";
import "../styles/shoes.css";

const TrashDialog = overlay(() => import("../components/trash-dialog"));

const SORTS = [
  ["miles", "Most worn"],
  ["name", "By name"],
] as const;

const RETIRED = [
  ["yes", "With retired"],
  ["no", "In use only"],
] as const;

type Open = { edit?: Shoe; retire?: Shoe; merge?: Shoe; add?: boolean; trash?: boolean };

export default function Shoes() {
  const [address, change] = useAddress();
  const { units } = usePerson();
  const asked = useQuery(shoes);
  const worn = useQuery(mileageByShoe);
  const [open, setOpen] = useState<Open>({});
  const sort = address.sort === "name" ? "name" : "miles";
  const retired = address.retired === "no" ? "no" : "yes";
  const close = () => setOpen({});
  const showHistory = (shoe?: Shoe) => change({ history: shoe?.id });
  return (
    <PageFrame
      title="Shoes"
      lead={`Foam tires after ${number(fromMiles(WORN, units), 0)} to ${distance(WORN_OUT, units, 0)}: the two marks on each bar.`}
      actions={
        <>
          <Button look="quiet" onPress={() => setOpen({ trash: true })}>
            Trash
          </Button>
          <Button look="primary" icon="plus" onPress={() => setOpen({ add: true })}>
            Add shoe
          </Button>
        </>
      }
    >
      <Answer of={together(asked, worn)}>
        {([{ items }, { without_shoe }]) => (
          <>
            <div className="filters">
              <Chips name="Sort" options={SORTS} value={sort} onChange={(next) => change({ sort: next })} />
              <Chips name="Retired" options={RETIRED} value={retired} onChange={(next) => change({ retired: next })} />
            </div>
            <WithoutShoe {...without_shoe} />
            <ShoeList
              items={items}
              sort={sort}
              withRetired={retired === "yes"}
              open={setOpen}
              onHistory={showHistory}
            />
          </>
        )}
      </Answer>
      {(open.add || open.edit) && <ShoeDialog shoe={open.edit} onClose={close} />}
      {open.retire && <RetireDialog shoe={open.retire} onClose={close} />}
      {open.trash && <TrashDialog noun="shoes" onClose={close} />}
      {address.history && <HistoryDialog noun="shoes" id={address.history} onClose={() => showHistory()} />}
      {open.merge && <ShoeMerge shoe={open.merge} shoes={asked.data?.items ?? []} onClose={close} />}
    </PageFrame>
  );
}

interface Opening {
  open: (what: Open) => void;
  onHistory: (shoe: Shoe) => void;
}

interface ListProps extends Opening {
  items: Shoe[];
  sort: "miles" | "name";
  withRetired: boolean;
}

function ShoeList({ items, sort, withRetired, ...opening }: ListProps) {
  const { open } = opening;
  if (items.length === 0) {
    return (
      <Empty title="No shoes yet" actions={<Button onPress={() => open({ add: true })}>Add your first pair</Button>}>
        Imports bring the shoes that they name. Each pair adds up the runs that were run in it.
      </Empty>
    );
  }
  const sorted = sort === "name" ? items : items.toSorted((a, b) => b.mileage - a.mileage);
  const full = Math.max(WORN_OUT * 1.1, ...items.map((shoe) => shoe.mileage));
  const inUse = sorted.filter((shoe) => !shoe.retired_at);
  const retired = sorted.filter((shoe) => shoe.retired_at);
  return (
    <>
      <ShoeSection name={`In use · ${inUse.length}`} items={inUse} full={full} {...opening} />
      {withRetired && retired.length > 0 && (
        <ShoeSection name={`Retired · ${retired.length}`} items={retired} full={full} {...opening} />
      )}
    </>
  );
}

interface SectionProps extends Opening {
  name: string;
  items: Shoe[];
  full: number;
}

function ShoeSection({ name, items, full, ...opening }: SectionProps) {
  return (
    <section className="shoe-section">
      <h2>{name}</h2>
      <ul className="shoes">
        {items.map((shoe) => (
          <ShoeRow key={shoe.id} shoe={shoe} full={full} {...opening} />
        ))}
      </ul>
    </section>
  );
}

function ShoeRow({ shoe, full, open, onHistory }: Opening & { shoe: Shoe; full: number }) {
  const { units } = usePerson();
  const retirement = shoe.retired_at && `Retired ${showDay(shoe.retired_at)}`;
  return (
    <li className="shoe">
      <div className="shoe-name">
        <h3>{shoe.name}</h3>
        <p className="small quiet">
          {[retirement, shoe.retired_at ? shoe.retirement_notes : shoe.notes].filter(Boolean).join(" · ")}
        </p>
      </div>
      <div className="shoe-wear">
        <WearBar miles={shoe.mileage} full={full} retired={Boolean(shoe.retired_at)} />
        <p className="shoe-figures">
          <b>{distance(shoe.mileage, units, 0)}</b>
          <Link href={runsIn(shoe.id)} className="text-link small">
            {counted(shoe.run_count, "run")}
          </Link>
        </p>
      </div>
      <div className="shoe-actions">
        <Button look="quiet" aria-label={`Edit ${shoe.name}`} onPress={() => open({ edit: shoe })}>
          Edit
        </Button>
        <Button look="quiet" aria-label={`History of ${shoe.name}`} onPress={() => onHistory(shoe)}>
          History
        </Button>
        <Button look="quiet" aria-label={`Merge ${shoe.name}`} onPress={() => open({ merge: shoe })}>
          Merge
        </Button>
        <Button
          look="quiet"
          aria-label={`${shoe.retired_at ? "Use again" : "Retire"} ${shoe.name}`}
          onPress={() => (shoe.retired_at ? bringBackShoe(shoe).catch(sayFailure) : open({ retire: shoe }))}
        >
          {shoe.retired_at ? "Use again" : "Retire"}
        </Button>
      </div>
    </li>
  );
}

function ShoeMerge({ shoe, shoes: all, onClose }: { shoe: Shoe; shoes: Shoe[]; onClose: () => void }) {
  const { units } = usePerson();
  const shown = ({ id, name, mileage, run_count }: Shoe) => ({
    id,
    name,
    has: `${distance(mileage, units, 0)} in ${counted(run_count, "run")}`,
  });
  return (
    <MergeDialog
      what="shoe"
      one={shown(shoe)}
      others={all.filter(({ id }) => id !== shoe.id).map(shown)}
      merge={(into) =>
        answer(api.POST("/v1/shoes/{shoe_id}/merge", { params: { path: { shoe_id: shoe.id } }, body: { into } }))
      }
      onClose={onClose}
    />
  );
}

function WithoutShoe({ runs, miles }: { runs: number; miles: number }) {
  const { units } = usePerson();
  if (runs === 0) return null;
  return (
    <p className="notice">
      {counted(runs, "run")} without a shoe, {number(fromMiles(miles, units), 0)} {UNIT[units]}.
      <Link href="/log?kind=run&shoe=none" className="text-link">
        Show them
      </Link>
    </p>
  );
}
