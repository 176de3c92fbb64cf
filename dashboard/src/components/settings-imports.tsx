/** What was answered for files that left something open, and is remembered for later imports. */

import { useQuery } from "@tanstack/react-query";
import { forgetAnswer, type RememberedAnswer, rememberedAnswers } from "../api/drops";
import { answerInWords } from "../format/mapping";
import { Button } from "./button";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";

export function ImportAnswers() {
  const { data = [] } = useQuery(rememberedAnswers);
  if (data.length === 0) return null;
  return (
    <Panel title="Imports">
      <p className="small quiet">What you said of files. Later imports of several files are read like this.</p>
      <ul className="settings-list" aria-label="Remembered answers">
        {data.map((answer) => (
          <AnswerRow key={`${answer.kind} ${answer.key}`} answer={answer} />
        ))}
      </ul>
    </Panel>
  );
}

function AnswerRow({ answer }: { answer: RememberedAnswer }) {
  const { kind, field, value, mapping } = answer;
  const words = answerInWords(field, mapping ?? value ?? "");
  async function forget() {
    try {
      await forgetAnswer(answer);
      say("Forgotten: the next import asks again");
    } catch (error) {
      sayFailure(error);
    }
  }
  return (
    <li>
      <span>
        {kind} <span className="small quiet">{words}</span>
      </span>
      <Button look="quiet" aria-label={`Forget ${kind}: ${words}`} onPress={() => forget()}>
        Forget
      </Button>
    </li>
  );
}
