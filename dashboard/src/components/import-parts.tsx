/** What the imports of one file and of several show alike. */

import type { ReactNode } from "react";
import type { DropFile } from "../api/drops";
import { Button } from "./button";

/** What comes of the records, each with its words. */
export const OUTCOMES = [
  ["created", "to be added"],
  ["updated", "to be changed"],
  ["deleted", "to be deleted"],
  ["unchanged", "already here"],
  ["kept", "kept as you set them"],
  ["skipped", "skipped"],
  ["failed", "unreadable"],
] as const;

export type Outcomes = Record<(typeof OUTCOMES)[number][0] | "found", number>;

/** What would come of the records of those of these files that are not imported yet. */
export function comingOf(files: DropFile[]): Outcomes {
  const coming = files.filter(({ state }) => state !== "loaded");
  const names = ["found", ...OUTCOMES.map(([name]) => name)] as const;
  return Object.fromEntries(
    names.map((name) => [name, coming.reduce((sum, file) => sum + file[name], 0)]),
  ) as unknown as Outcomes;
}

/** How many records there are, and what would come of them. */
export function OutcomeFigures({ of, where }: { of: Outcomes; where: string }) {
  const shown = OUTCOMES.filter(([name]) => of[name] > 0 || name === "created");
  return (
    <dl className="figures">
      {([["found", where], ...shown] as const).map(([name, word]) => (
        <div key={name} data-count={name}>
          <dt>{word}</dt>
          <dd>{of[name]}</dd>
        </div>
      ))}
    </dl>
  );
}

interface AnswerLineProps {
  /** The files that it is for. */
  of?: string;
  words: string;
  /** What the button says that leads back to the question. */
  action: string;
  onPress: () => void;
  autoFocus?: boolean;
}

/** What was answered, and the way back to the question. */
export function AnswerLine({ of, words, action, onPress, autoFocus }: AnswerLineProps) {
  return (
    <div className="answer-line">
      <p className="small quiet">
        {of && <b>{of}: </b>}
        {words}
      </p>
      <Button autoFocus={autoFocus} onPress={onPress}>
        {action}
      </Button>
    </div>
  );
}

interface ChoiceProps {
  question: { choices: string[]; examples: string[] };
  onChoose: (choice: string) => void;
  children: ReactNode;
}

/** A question with some rows of the file, read each way, and a button for each answer. */
export function ChoiceQuestion({ question: { choices, examples }, onChoose, children }: ChoiceProps) {
  return (
    <div className="notice" role="alert">
      <div>{children}</div>
      <ul>
        {examples.map((example) => (
          <li key={example}>{example}</li>
        ))}
      </ul>
      {choices.length > 0 && (
        <div className="row">
          {choices.map((choice) => (
            <Button key={choice} onPress={() => onChoose(choice)}>
              {choice}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
