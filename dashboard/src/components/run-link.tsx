import { Link } from "wouter";
import { type Day, showDay } from "../format/days";
import { hrefOf } from "../format/records";

/** The day of a run, which leads to it. */
export function RunLink({ id, day }: { id: string; day: Day }) {
  return (
    <Link href={hrefOf("runs", id)} className="text-link">
      {showDay(day)}
    </Link>
  );
}
