import { type ReactNode, type SelectHTMLAttributes, useId } from "react";

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
