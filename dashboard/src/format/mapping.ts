/** Which column of a person's own table says what: the mapping that the server proposes, as a person corrects it. */

import type { Schemas } from "../api/client";

export type Mapping = Schemas["ProposedMapping"];
export type Proposal = Pick<Schemas["Question"], "mapping" | "left_open" | "examples" | "headings" | "rows">;

/** What a column can say, and its name. */
export const MEANINGS = [
  ["date", "Date"],
  ["time_of_day", "Time of day"],
  ["sport", "Sport"],
  ["name", "Name"],
  ["notes", "Notes"],
  ["shoe", "Shoe"],
  ["distance", "Distance"],
  ["duration", "Duration"],
  ["elapsed", "Elapsed time"],
  ["avg_heart_rate", "Average heart rate"],
  ["max_heart_rate", "Maximum heart rate"],
  ["avg_cadence", "Average cadence"],
  ["ascent", "Ascent"],
  ["calories", "Calories"],
  ["strava_id", "Strava ID"],
] as const;

const NAMES = new Map<string, string>(MEANINGS);

export type Option = Exclude<keyof Mapping, "columns">;

interface Choice {
  option: Option;
  label: string;
  /** The columns whose values it is for; none: the whole table. */
  of: readonly string[];
  /** Whether one of the values is always meant. */
  isSet?: boolean;
  values: readonly (readonly [value: string, name: string])[];
}

const CHOICES: readonly Choice[] = [
  {
    option: "date_order",
    label: "Order of day and month",
    of: ["date"],
    values: [
      ["day", "Day first: 25/12/2024"],
      ["month", "Month first: 12/25/2024"],
    ],
  },
  {
    option: "distance_unit",
    label: "Unit of distances",
    of: ["distance"],
    values: [
      ["km", "Kilometres"],
      ["mi", "Miles"],
      ["m", "Metres"],
    ],
  },
  {
    option: "duration_unit",
    label: "Unit of durations without a colon",
    of: ["duration", "elapsed"],
    values: [
      ["hours", "Hours"],
      ["minutes", "Minutes"],
      ["seconds", "Seconds"],
    ],
  },
  {
    option: "clock",
    label: "Durations such as 1:05",
    of: ["duration"],
    isSet: true,
    values: [
      ["m:ss", "Minutes and seconds"],
      ["h:mm", "Hours and minutes"],
    ],
  },
  {
    option: "ascent_unit",
    label: "Unit of ascent",
    of: ["ascent"],
    values: [
      ["m", "Metres"],
      ["ft", "Feet"],
    ],
  },
  {
    option: "sport",
    label: "Sport of rows that name none",
    of: [],
    isSet: true,
    values: ["Run", "Ride", "Walk", "Hike", "Swim", "Row"].map((sport) => [sport, sport]),
  },
];

const LONGEST_HEADING = 200;
const NAMED_HEADINGS = 3;

/** The headings that a mapping can name: each once, and those that say something. */
export function headingsOf({ headings }: Proposal): string[] {
  return [...new Set(headings)].filter((heading) => heading !== "" && heading.length <= LONGEST_HEADING);
}

/** "Datum, Strecke, Weg and 2 more": what a table is recognised by. */
export function tableName(proposal: Proposal): string {
  const headings = headingsOf(proposal);
  const rest = headings.length - NAMED_HEADINGS;
  return headings.slice(0, NAMED_HEADINGS).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** What a column says; "" where it is not read. */
export function meaningOf({ columns }: Mapping, heading: string): string {
  return Object.entries(columns).find(([, named]) => named === heading)?.[0] ?? "";
}

/**
 * The mapping with another meaning of a column; the column that had it before is not read then. A meaning that is left
 * again goes back to the column it was proposed for: keys walk over those between the one that is and the one that is
 * wanted.
 *
 * What was known of the values of another column is forgotten, and known again when that column comes back.
 */
export function withMeaning(mapping: Mapping, heading: string, meaning: string, proposed: Mapping): Mapping {
  const others = Object.entries(mapping.columns).filter(([one, named]) => one !== meaning && named !== heading);
  const columns: Mapping["columns"] = Object.fromEntries(meaning ? [...others, [meaning, heading]] : others);
  const left = meaningOf(mapping, heading);
  const before = proposed.columns[left];
  if (before && !columns[left] && !Object.values(columns).includes(before) && before !== heading)
    columns[left] = before;
  const changed = CHOICES.filter(({ of }) => of.some((one) => columns[one] !== mapping.columns[one]));
  const options = changed.map(({ option, of, isSet }) => {
    const isProposed = of.every((one) => columns[one] === proposed.columns[one]);
    return [option, isProposed || isSet ? proposed[option] : null];
  });
  return { ...mapping, ...Object.fromEntries(options), columns };
}

/** The choices for the values of the columns that are read, each with an example where it must be made. */
export function choicesOf(mapping: Mapping, proposal: Proposal): (Choice & { example?: string })[] {
  const shown = CHOICES.filter(({ of }) => of.length === 0 || of.some((one) => mapping.columns[one]));
  return shown.map((choice) => ({
    ...choice,
    example: isOpen(choice, mapping, proposal)
      ? proposal.examples[proposal.left_open.indexOf(choice.option)]
      : undefined,
  }));
}

/** Whether the server asked for a choice, of the column that is read. */
function isOpen({ option, of }: Choice, mapping: Mapping, { left_open, mapping: proposed }: Proposal): boolean {
  return left_open.includes(option) && of.every((one) => mapping.columns[one] === proposed?.columns[one]);
}

/** What is missing before rows can be read, in words. */
export function missingOf(mapping: Mapping, proposal: Proposal): string[] {
  const { date, distance, duration } = mapping.columns;
  return [
    ...(date ? [] : ["a column with the date"]),
    ...(distance || duration ? [] : ["a column with the distance or the duration"]),
    ...CHOICES.filter((choice) => isOpen(choice, mapping, proposal) && mapping[choice.option] === null).map(
      ({ label }) => `the ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
    ),
  ];
}

/** Whether both read a table alike. */
export function isSame(one: Mapping, other: Mapping): boolean {
  return (
    CHOICES.every(({ option }) => one[option] === other[option]) &&
    MEANINGS.every(([meaning]) => one.columns[meaning] === other.columns[meaning])
  );
}

/** "Datum: Date · Strecke: Distance", "Weights in lb": an answer to a question of files. */
export function answerInWords(field: string, answer: string | Mapping): string {
  if (typeof answer !== "string") {
    return Object.entries(answer.columns)
      .map(([meaning, heading]) => `${heading}: ${NAMES.get(meaning) ?? meaning}`)
      .join(" · ");
  }
  return (WORDS[field] ?? "") + answer.replaceAll("_", " ");
}

/** What stands before an answer. */
const WORDS: Record<string, string> = {
  timezone: "Times of ",
  weight_unit: "Weights in ",
  distance_unit: "Distances in ",
};
