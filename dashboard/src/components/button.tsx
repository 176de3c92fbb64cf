import { type ReactNode, useRef, useState } from "react";
import { Button as AriaButton, type ButtonProps, type PressEvent } from "react-aria-components";
import { Icon, type IconName } from "./icons";

interface Pressed {
  /** Until what it began is done, nobody can press again. */
  onPress?: (event: PressEvent) => unknown;
}

interface Props extends Omit<ButtonProps, "children" | "className" | "onPress">, Pressed {
  look?: "primary" | "outline" | "quiet" | "danger";
  icon?: IconName;
  children: ReactNode;
}

/** Whether something that a press began goes on, and what begins it, unless it goes on already. */
function usePress(onPress: Pressed["onPress"]): [boolean, (event: PressEvent) => void] {
  const [busy, setBusy] = useState(false);
  // A second press may come before the page shows the first.
  const going = useRef(false);
  async function press(event: PressEvent) {
    if (going.current) return;
    const work = onPress?.(event);
    if (!(work instanceof Promise)) return;
    going.current = true;
    setBusy(true);
    try {
      await work;
    } finally {
      going.current = false;
      setBusy(false);
    }
  }
  return [busy, (event) => void press(event)];
}

export function Button({ look = "outline", icon, children, onPress, isPending, ...props }: Props) {
  const [busy, press] = usePress(onPress);
  return (
    <AriaButton {...props} isPending={isPending || busy} onPress={press} className={`button ${look}`}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </AriaButton>
  );
}

/** A button with a sign alone; its name is spoken. */
export function IconButton({ icon, name, ...props }: Omit<ButtonProps, "children"> & { icon: IconName; name: string }) {
  return (
    <AriaButton {...props} aria-label={name} className="icon-button">
      <Icon name={icon} />
    </AriaButton>
  );
}
