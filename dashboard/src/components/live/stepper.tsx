/** A number with a big button at either side; it can be typed too. */

import { type KeyboardEvent, useState } from "react";
import { Button, FieldError, Group, Input, Label, TextField } from "react-aria-components";
import { type Kind, readNumber } from "../../format/typed";

interface Props {
  label: string;
  kind: Kind;
  /** NaN while what was typed cannot be read. */
  value: number;
  onChange: (value: number) => void;
  step: number;
}

export function Stepper({ label, kind, value, onChange, step }: Props) {
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const read = (text: string) => (text.trim() === "" ? 0 : readNumber(text, kind));
  const wrong = typed === undefined ? undefined : read(typed);
  const isUnreadable = typeof wrong === "string";
  // More may be on its way.
  const isUnfinished = /[-−.,]$/.test(typed ?? "") && !left;
  function type(text: string) {
    const found = read(text);
    setTyped(text);
    onChange(typeof found === "string" ? Number.NaN : found);
  }
  function leave() {
    if (isUnreadable) setLeft(true);
    else setTyped(undefined);
  }
  function move(by: number) {
    if (isUnreadable) return;
    setTyped(undefined);
    onChange(kind.signed ? value + by : Math.max(0, value + by));
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    move(event.key === "ArrowUp" ? step : -step);
  }
  return (
    <TextField
      className="stepper"
      value={typed ?? String(Number(value.toFixed(kind.decimals)))}
      onChange={type}
      onFocus={() => setLeft(false)}
      onBlur={leave}
      isInvalid={isUnreadable && !isUnfinished}
    >
      <Label>{label}</Label>
      <Group className="stepper-row">
        <Button slot={null} aria-label={`Decrease ${label.toLowerCase()}`} onPress={() => move(-step)}>
          −
        </Button>
        <Input inputMode="decimal" autoComplete="off" onKeyDown={onKeyDown} />
        <Button slot={null} aria-label={`Increase ${label.toLowerCase()}`} onPress={() => move(step)}>
          +
        </Button>
      </Group>
      <FieldError className="field-error">{wrong}</FieldError>
    </TextField>
  );
}
