/** What must be known before some files of an import can be read, and what was answered, now or for earlier imports. */

import { useQuery } from "@tanstack/react-query";
import {
  type DropQuestion,
  forgetAnswer,
  type LoadedDrop,
  type RememberedAnswer,
  rememberedAnswers,
} from "../api/drops";
import { answerInWords, type Mapping } from "../format/mapping";
import { counted } from "../format/units";
import { Columns } from "./columns";
import { TimeZoneField } from "./field";
import { AnswerLine, ChoiceQuestion } from "./import-parts";
import { sayFailure } from "./messages";

type Answer = string | Mapping;

/** A question with its answer. */
export interface Said {
  question: DropQuestion;
  answer: Answer;
}

type OnAnswer = (question: DropQuestion, answer: Answer) => void;

export function keyOf({ kind, field, headings }: DropQuestion): string {
  return [kind, field, ...headings].join("\n");
}

interface Props {
  drop: LoadedDrop;
  said: Said[];
  /** The key of the question whose answer is being corrected. */
  changed: string | undefined;
  onChange: (key: string) => void;
  onAnswer: OnAnswer;
  onForgotten: () => void;
}

/** Of tables with columns of their own, one form is shown at a time; other questions are short. */
export function DropQuestions({ drop, said, changed, onChange, onAnswer, onForgotten }: Props) {
  const open = said.find(({ question }) => keyOf(question) === changed);
  const tables = drop.questions.filter(isTable);
  const answered = said.filter(({ question }) => isTable(question)).length;
  const [table] = open ? [open.question] : tables;
  return (
    <>
      <FromBefore kinds={drop.files.map(({ kind }) => kind)} said={said} onForgotten={onForgotten} />
      {said.map(
        (one) =>
          one !== open && (
            <AnswerLine
              key={keyOf(one.question)}
              of={filesOf(one.question)}
              words={answerInWords(one.question.field, one.answer)}
              autoFocus
              action={isTable(one.question) ? "Change columns" : "Change"}
              onPress={() => onChange(keyOf(one.question))}
            />
          ),
      )}
      {table && (
        <Question
          question={table}
          place={open || answered + tables.length === 1 ? "" : `Table ${answered + 1} of ${answered + tables.length}`}
          answer={open?.answer}
          onAnswer={onAnswer}
        />
      )}
      {drop.questions
        .filter((question) => !isTable(question))
        .map((question) => (
          <Question key={keyOf(question)} question={question} onAnswer={onAnswer} />
        ))}
    </>
  );
}

function isTable({ mapping }: DropQuestion): boolean {
  return mapping !== null;
}

/** "sheet.csv and 2 more" */
function filesOf({ names, files }: DropQuestion): string {
  return names[0] + (files > 1 ? ` and ${files - 1} more` : "");
}

interface QuestionProps {
  question: DropQuestion;
  place?: string;
  answer?: Answer;
  onAnswer: OnAnswer;
}

/** What must be known before these files can be read; the other files do not wait for it. */
function Question({ question, place, answer, onAnswer }: QuestionProps) {
  const { kind, mapping, files, detail, choices } = question;
  if (mapping) {
    return (
      <div className="table-columns">
        <p>
          <b>{filesOf(question)}</b> {place && <span className="quiet">· {place}</span>}
        </p>
        <Columns
          key={keyOf(question)}
          proposal={{ ...question, mapping }}
          said={answer as Mapping | undefined}
          onPreview={(said) => onAnswer(question, said)}
        />
      </div>
    );
  }
  return (
    <ChoiceQuestion question={question} onChoose={(choice) => onAnswer(question, choice)}>
      <b>{`${kind}, ${counted(files, "file")}.`}</b> {detail}
      {choices.length === 0 && (
        <TimeZoneField value="" none="Not known" onChange={(zone) => onAnswer(question, zone)} />
      )}
    </ChoiceQuestion>
  );
}

/** What was answered for earlier imports of these kinds of files; what is wrong with it is asked again. */
function FromBefore({ kinds, said, onForgotten }: { kinds: (string | null)[]; said: Said[]; onForgotten: () => void }) {
  const { data = [] } = useQuery(rememberedAnswers);
  const now = said.map(({ question: { kind, field, mapping } }) => (mapping ? "" : `${kind} ${field}`));
  const before = data.filter(({ kind, field }) => kinds.includes(kind) && !now.includes(`${kind} ${field}`));
  async function forget(answer: RememberedAnswer) {
    try {
      await forgetAnswer(answer);
      onForgotten();
    } catch (error) {
      sayFailure(error);
    }
  }
  return before.map((answer) => (
    <AnswerLine
      key={`${answer.kind} ${answer.key}`}
      of={`${answer.kind}, as you said before`}
      words={answerInWords(answer.field, answer.mapping ?? answer.value ?? "")}
      action="Ask again"
      onPress={() => forget(answer)}
    />
  ));
}
