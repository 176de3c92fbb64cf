/** Shoes: how worn each is, what was run in none, and their own pages' worth of edits. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Link } from "wouter";
import { ApiError, answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite, mileageByShoe, type Shoe, shoes } from "../api/queries";
import { useAddress } from "../components/address";
import { Button } from "../components/button";
import { Chips } from "../components/chips";
import { Dialog } from "../components/dialog";
import { TextField } from "../components/field";
import { History } from "../components/history";
import { say, sayFailure } from "../components/messages";
import { PageFrame } from "../components/page";
import { Answer, Empty } from "../components/states";
import { WearBar, WORN, WORN_OUT } from "../components/wear";
import { showDay } from "../format/days";
import { counted, distance, fromMiles, number, UNIT } from "../format/units";
import { SHOE_FIELDS } from "../format/versions";
import { usePerson } from "../person";
import "../styles/history.css";
import "../styles/shoes.css";

const SORTS = [
  ["miles", "Most worn"],
  ["name", "By name"],
] as const;

type Open = { edit?: Shoe; history?: Shoe; add?: boolean };

export default function Shoes() {
  const [address, change] = useAddress();
  const asked = useQuery(shoes);
  const [open, setOpen] = useState<Open>({});
  const sort = address.sort === "name" ? "name" : "miles";
  const close = () => setOpen({});
  return (
    <PageFrame
      title="Shoes"
      lead={`Foam tires after ${WORN} to ${WORN_OUT} miles. The marks on each bar stand there.`}
      actions={
        <Button look="primary" icon="plus" onPress={() => setOpen({ add: true })}>
          Add shoe
        </Button>
      }
    >
      <Answer of={asked}>
        {({ items }) => (
          <>
            <div className="filters">
              <Chips name="Sort" options={SORTS} value={sort} onChange={(next) => change({ sort: next })} />
            </div>
            <WithoutShoe />
            <ShoeList items={items} sort={sort} open={setOpen} />
          </>
        )}
      </Answer>
      {(open.add || open.edit) && <ShoeDialog shoe={open.edit} onClose={close} />}
      {open.history && <ShoeHistory shoe={open.history} onClose={close} />}
    </PageFrame>
  );
}

function ShoeList({ items, sort, open }: { items: Shoe[]; sort: "miles" | "name"; open: (what: Open) => void }) {
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
      <ShoeSection name={`In use · ${inUse.length}`} items={inUse} full={full} open={open} />
      {retired.length > 0 && (
        <ShoeSection name={`Retired · ${retired.length}`} items={retired} full={full} open={open} />
      )}
    </>
  );
}

interface SectionProps {
  name: string;
  items: Shoe[];
  full: number;
  open: (what: Open) => void;
}

function ShoeSection({ name, items, full, open }: SectionProps) {
  return (
    <section className="shoe-section">
      <h2>{name}</h2>
      <ul className="shoes">
        {items.map((shoe) => (
          <ShoeRow key={shoe.id} shoe={shoe} full={full} open={open} />
        ))}
      </ul>
    </section>
  );
}

function ShoeRow({ shoe, full, open }: { shoe: Shoe; full: number; open: (what: Open) => void }) {
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
          <Link href={`/log?kind=run&shoe=${encodeURIComponent(shoe.id)}`} className="text-link small">
            {counted(shoe.run_count, "run")}
          </Link>
        </p>
      </div>
      <div className="shoe-actions">
        <Button look="quiet" onPress={() => open({ edit: shoe })}>
          Edit
        </Button>
        <Button look="quiet" onPress={() => open({ history: shoe })}>
          History
        </Button>
        <Button look="quiet" onPress={() => void retire(shoe).catch(sayFailure)}>
          {shoe.retired_at ? "Use again" : "Retire"}
        </Button>
      </div>
    </li>
  );
}

function WithoutShoe() {
  const { units } = usePerson();
  const { data } = useQuery(mileageByShoe);
  if (!data?.without_shoe.runs) return null;
  const { runs, miles } = data.without_shoe;
  return (
    <p className="notice">
      {counted(runs, "run")} without a shoe, {number(fromMiles(miles, units), 0)} {UNIT[units]}.
      <Link href="/log?kind=run&shoe=none" className="text-link">
        Show them
      </Link>
    </p>
  );
}

function restoreShoe(shoe: Shoe, version: number): Promise<unknown> {
  const path = { shoe_id: shoe.id, version };
  return answer(api.POST("/v1/shoes/{shoe_id}/restore/{version}", { params: { path } }));
}

async function changeShoe(shoe: Shoe, body: Schemas["ShoeChanges"], done: string): Promise<void> {
  const params = { path: { shoe_id: shoe.id }, header: ifMatch(shoe.version) };
  await answer(api.PATCH("/v1/shoes/{shoe_id}", { params, body }));
  await afterWrite();
  say(done, () => restoreShoe(shoe, shoe.version));
}

function retire(shoe: Shoe): Promise<void> {
  const today = new Date().toLocaleDateString("sv-SE");
  return shoe.retired_at
    ? changeShoe(shoe, { retired_at: null }, `${shoe.name} is in use again`)
    : changeShoe(shoe, { retired_at: today }, `${shoe.name} retired`);
}

async function deleteShoe(shoe: Shoe): Promise<void> {
  await answer(api.DELETE("/v1/shoes/{shoe_id}", { params: { path: { shoe_id: shoe.id } } }));
  await afterWrite();
  say(`${shoe.name} deleted`, () => restoreShoe(shoe, shoe.version));
}

function ShoeDialog({ shoe, onClose }: { shoe?: Shoe; onClose: () => void }) {
  const [failure, setFailure] = useState<Error>();
  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim() || null;
    try {
      if (shoe) {
        const reason = text("change_reason");
        const retired = shoe.retired_at
          ? { retired_at: text("retired_at"), retirement_notes: text("retirement_notes") }
          : {};
        const fields = {
          name: text("name") ?? "",
          notes: text("notes"),
          ...retired,
          ...(reason && { change_reason: reason }),
        };
        await changeShoe(shoe, fields, "Shoe saved");
      } else {
        await answer(api.POST("/v1/shoes", { body: { name: text("name") ?? "", notes: text("notes") } }));
        await afterWrite();
        say("Shoe added");
      }
      onClose();
    } catch (error) {
      setFailure(error as Error);
    }
  }
  const fields = failure instanceof ApiError ? failure.fields : {};
  return (
    <Dialog title={shoe ? "Edit shoe" : "Add shoe"} onClose={onClose}>
      <Form className="form" onSubmit={save} validationErrors={fields}>
        <TextField label="Name" name="name" isRequired autoFocus defaultValue={shoe?.name} />
        <TextField label="Notes" name="notes" defaultValue={shoe?.notes ?? ""} />
        {shoe?.retired_at && (
          <div className="form-pair">
            <TextField label="Retired" name="retired_at" type="date" defaultValue={shoe.retired_at} />
            <TextField label="Why" name="retirement_notes" defaultValue={shoe.retirement_notes ?? ""} />
          </div>
        )}
        {shoe && (
          <TextField label="Reason" name="change_reason" hint="Why you change it, for the history. May stay empty." />
        )}
        {failure && Object.keys(fields).length === 0 && (
          <p className="form-error" role="alert">
            {failure.message}
          </p>
        )}
        <div className="row end">
          {shoe && (
            <Button
              look="danger"
              onPress={() => {
                onClose();
                void deleteShoe(shoe).catch(sayFailure);
              }}
            >
              Delete
            </Button>
          )}
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" look="primary">
            {shoe ? "Save" : "Add shoe"}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function ShoeHistory({ shoe, onClose }: { shoe: Shoe; onClose: () => void }) {
  const asked = useQuery({
    queryKey: ["shoes", shoe.id, "history"],
    queryFn: () => answer(api.GET("/v1/shoes/{shoe_id}/history", { params: { path: { shoe_id: shoe.id } } })),
  });
  async function restore(version: number, current: number) {
    await restoreShoe(shoe, version);
    await afterWrite();
    say(`Version ${version} restored`, () => restoreShoe(shoe, current));
  }
  return (
    <Dialog title={`History of ${shoe.name}`} onClose={onClose}>
      <Answer of={asked} lines={3}>
        {({ items }) => <History versions={items} fields={SHOE_FIELDS} onRestore={restore} />}
      </Answer>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
