/** The keys, listed. */

import { PAGES } from "../pages";
import { Afterwards } from "./afterwards";
import { Button } from "./button";
import { DECIDING } from "./decision";
import { Dialog } from "./dialog";

const EVERYWHERE: [string, string][] = [
  ["?", "This list"],
  ["Ctrl K", "Find a page, an action or a record"],
  ["/", "Search"],
  ["u", "Undo, as long as the message shows it"],
  ["F6", "To the message that shows"],
];

const IN_THE_LOG: [string, string][] = [
  ["j  k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["x", "Choose the row"],
  ["e", "Edit the run in focus"],
  ["a", "Add a run"],
];

const IN_THE_INBOX: [string, string][] = [["j  k", "Next and previous decision"], ...Object.entries(DECIDING)];

export default function KeysList({ onClose }: { onClose: () => void }) {
  const pages = PAGES.map((page): [string, string] => [`g  ${page.key}`, page.name]);
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className="keys">
        <Afterwards>
          <Keys name="Everywhere" keys={EVERYWHERE} />
          <Keys name="Pages" keys={pages} />
          <Keys name="In the log" keys={IN_THE_LOG} />
          <Keys name="In the inbox" keys={IN_THE_INBOX} />
        </Afterwards>
      </div>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function Keys({ name, keys }: { name: string; keys: [string, string][] }) {
  return (
    <section>
      <h3>{name}</h3>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split("  ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
