import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps } from "react-aria-components";
import { Icon, type IconName } from "./icons";

interface Props extends Omit<ButtonProps, "children" | "className"> {
  look?: "primary" | "outline" | "quiet" | "danger";
  icon?: IconName;
  children: ReactNode;
}

export function Button({ look = "outline", icon, children, ...props }: Props) {
  return (
    <AriaButton {...props} className={`button ${look}`}>
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
