/** A planned workout on the board: to be opened, and to be dragged. */

import { Button } from "react-aria-components";
import type { Planned } from "../api/plan";
import { showDay } from "../format/days";
import { doneSize, plannedSize, standingOf, timeOf } from "../format/plan";
import { usePerson } from "../person";
import { Icon, type Kind, KindSign } from "./icons";
import { usePlannedDrag } from "./plan-drag";
import { usePlanTouch } from "./plan-touch";

/** The kind of what the types of plans are fulfilled by; others, such as "Other" and "Day Off", have no sign. */
const KIND_OF: Record<string, Kind> = {
  run: "run",
  race: "run",
  brick: "run",
  strength: "lift",
  bike: "cardio",
  mtb: "cardio",
  swim: "cardio",
  walk: "cardio",
  rowing: "cardio",
  "xc-ski": "cardio",
  "x-train": "cardio",
  "cross-train": "cardio",
};

/** Types that their sign says in full. */
const PLAIN = ["run", "strength"];

const WORDS = { done: "Done", missed: "Missed", ahead: "", off: "" };

export function PlanCard({ planned, onOpen }: { planned: Planned; onOpen: (planned: Planned) => void }) {
  const { units, today } = usePerson();
  const { dragProps, dragButtonProps, isDragging } = usePlannedDrag(planned);
  const { carried, begin } = usePlanTouch(planned);
  const standing = standingOf(planned, today);
  const moved = planned.current_day !== planned.originally_planned_day;
  const time = timeOf(planned) === "" ? planned.selection.timeOfDay : null;
  const type = planned.workout_type.toLowerCase();
  const kind = KIND_OF[type];
  const notes = [
    WORDS[standing],
    !PLAIN.includes(type) && planned.workout_type,
    time,
    standing === "done" ? doneSize(planned, units) : plannedSize(planned, units),
    moved && `moved from ${showDay(planned.originally_planned_day, "weekday")}`,
  ];
  return (
    <li
      {...dragProps}
      className="plan-card"
      data-standing={standing}
      data-dragging={isDragging || undefined}
      data-carried={carried ? true : undefined}
      style={carried && { translate: `${carried.x}px ${carried.y}px` }}
    >
      <span className="plan-hold" onPointerDownCapture={begin}>
        <Button {...dragButtonProps} aria-label={`Move ${planned.title}`} className="plan-grip">
          <Icon name="grip" size={16} />
        </Button>
      </span>
      <button type="button" className="plan-open" onClick={() => onOpen(planned)}>
        <b className="plan-title">
          {kind && <KindSign kind={kind} name={planned.workout_type} />}
          {planned.title}
        </b>
        <span className="small plan-notes">{notes.filter(Boolean).join(" · ")}</span>
      </button>
    </li>
  );
}
