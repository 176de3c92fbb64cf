import { type ReactNode, type SelectHTMLAttributes, useId } from "react";
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

interface Props extends Omit<TextFieldProps, "className"> {
  label: string;
  hint?: ReactNode;
  unit?: string;
  lines?: number;
  input?: Omit<InputProps, "className">;
}

/** A labelled line of text, or several; what is wrong with it stands below. */
export function TextField({ label, hint, unit, lines, input, ...props }: Props) {
  return (
    <AriaTextField {...props} className="field">
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
      <FieldError className="field-error" />
    </AriaTextField>
  );
}

interface SelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  label: string;
  hideLabel?: boolean;
  options: readonly (readonly [value: string, name: string])[];
  onChange?: (value: string) => void;
  hint?: ReactNode;
}

/** A choice of one; the browser's own, which phones show best. */
export function SelectField({ label, hideLabel, options, onChange, hint, ...props }: SelectProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "hidden-label" : undefined}>
        {label}
      </label>
      <select {...props} id={id} className="input select" onChange={(event) => onChange?.(event.target.value)}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      {hint && <span className="field-hint">{hint}</span>}
    </div>
  );
}

const ZONES = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])].sort();

export function TimeZoneField(props: Omit<SelectProps, "label" | "options"> & { label?: string }) {
  return (
    <SelectField
      label="Time zone"
      {...props}
      options={ZONES.map((zone) => [zone, zone.replaceAll("_", " ")] as const)}
    />
  );
}
