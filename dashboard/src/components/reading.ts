import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { shoes } from "../api/queries";
import type { Reading } from "../format/versions";
import { usePerson } from "../person";

/** What it takes to show a record's fields: units, zone, names of shoes. */
export function useReading(): Reading {
  const { units, zone } = usePerson();
  const { data } = useQuery(shoes);
  return useMemo(
    () => ({ units, zone, shoes: new Map(data?.items.map(({ id, name }) => [id, name])) }),
    [units, zone, data],
  );
}
