/** The code that a login needs beside the password, where a second factor is on. */

import { useState } from "react";
import { asksForCode } from "../api/client";
import { TextField } from "./field";

interface CodeProps {
  hint?: string;
  autoFocus?: boolean;
}

export function CodeField({ hint = "What your app shows now, or a recovery code.", autoFocus = true }: CodeProps) {
  return (
    <TextField
      label="Code"
      name="second_factor"
      isRequired
      autoFocus={autoFocus}
      autoComplete="one-time-code"
      hint={hint}
    />
  );
}

/** Whether a code is asked for, and what runs a call that may ask for one. */
export function useSecondFactor(): [boolean, <T>(call: Promise<T>) => Promise<T>] {
  const [isNeeded, setNeeded] = useState(false);
  async function noticing<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (asksForCode(error)) setNeeded(true);
      throw error;
    }
  }
  return [isNeeded, noticing];
}

/** The code that was typed, as the body of a call has it: none where none is asked for. */
export function codeOf({ second_factor }: Record<string, string>): { second_factor?: string } {
  return second_factor ? { second_factor } : {};
}
