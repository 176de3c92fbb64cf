/** A number with a big button at either side; it can be typed too. */

import { Button, Group, Input, Label, NumberField } from "react-aria-components";

export function Stepper({
  label,
  value,
  onChange,
  step,
  least,
  digits = 0,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  step: number;
  least?: number;
  digits?: number;
}) {
  return (
    <NumberField
      className="stepper"
      value={value}
      onChange={(next) => onChange(Number.isNaN(next) ? 0 : next)}
      minValue={least}
      formatOptions={{ maximumFractionDigits: digits, useGrouping: false }}
    >
      <Label>{label}</Label>
      <Group className="stepper-row">
        {/* By hand: the field's own buttons round to whole steps. */}
        <Button
          slot={null}
          aria-label={`Decrease ${label.toLowerCase()}`}
          onPress={() => onChange(Math.max(least ?? -9999, value - step))}
        >
          −
        </Button>
        <Input inputMode="decimal" />
        <Button slot={null} aria-label={`Increase ${label.toLowerCase()}`} onPress={() => onChange(value + step)}>
          +
        </Button>
      </Group>
    </NumberField>
  );
}
