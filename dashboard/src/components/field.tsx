import type { ComponentProps, ReactNode } from "react";
import {
  TextField as AriaTextField,
  FieldError,
  Input,
  type InputProps,
  Label,
  Text,
  TextArea,
  type TextFieldProps,
} from "react-aria-components";
import { zoneText } from "../format/days";
import { SelectField } from "./select-field";

interface Props extends Omit<TextFieldProps, "className"> {
  label: string;
  hint?: ReactNode;
  unit?: string;
  lines?: number;
  /** What is wrong, where no form says it. */
  error?: string;
  input?: Omit<InputProps, "className">;
}

/** A labelled line of text, or several; what is wrong with it stands below. */
export function TextField({ label, hint, unit, lines, error, input, ...props }: Props) {
  return (
    <AriaTextField {...props} isInvalid={error ? true : undefined} className="field">
      <Label>{label}</Label>
      {lines ? (
        <TextArea className="input" rows={lines} />
      ) : (
        <span className="input-row">
          <Input {...input} className="input" />
          {unit && <span className="input-unit">{unit}</span>}
        </span>
      )}
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
}

/** The password of now, as a confirmation. */
export function CurrentPassword() {
  return (
    <TextField
      label="Current password"
      name="current_password"
      type="password"
      isRequired
      autoFocus
      autoComplete="current-password"
    />
  );
}

/** The password that an account gets, and whether its access tokens end with the old one. */
export function NewPassword({
  ends,
  hasTokens = true,
  autoFocus,
}: {
  /** Which sessions end. */
  ends: string;
  hasTokens?: boolean;
  autoFocus?: boolean;
}) {
  return (
    <>
      <TextField
        label="New password"
        name="new_password"
        type="password"
        isRequired
        autoFocus={autoFocus}
        autoComplete="new-password"
        hint={`At least 8 characters, not easily guessed. ${ends}`}
      />
      {hasTokens && (
        <label className="check">
          <input type="checkbox" name="revoke_tokens" /> Revoke my access tokens as well
        </label>
      )}
    </>
  );
}

const ZONES = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])].sort();

interface ZoneProps extends Omit<ComponentProps<typeof SelectField>, "label" | "options"> {
  /** What the choice of no zone is called, where it is one. */
  none?: string;
  /** A zone that is chosen, even one without a name. */
  also?: string;
}

export function TimeZoneField({ none, also, ...props }: ZoneProps) {
  const named = also && !ZONES.includes(also) ? [also, ...ZONES] : ZONES;
  const zones = named.map((zone) => [zone, zoneText(zone)] as const);
  return <SelectField label="Time zone" {...props} options={none ? [["", none], ...zones] : zones} />;
}

/** The zone of a record that was chosen; the one it has, with where that came from, if it was left alone. */
export function zoneOf<Z extends { name: string }>(
  chosen: string | null,
  before: Z | null,
): Z | { name: string } | null {
  if ((chosen || null) === (before?.name ?? null)) return before;
  return chosen ? { name: chosen } : null;
}
