/**
 * An answer that is no success: its status, its sentence for a person, for 422 what is wrong with which field, and its
 * code for programs.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly fields: Record<string, string[]> = {},
    readonly code?: string,
  ) {
    super(detail);
  }
}

/** The server was not reached, or its answer was lost on the way. */
export class Unreached extends TypeError {
  constructor(message = "The server cannot be reached. Try again when the connection is back.") {
    super(message);
  }
}

/** Whether a log-in needs the code of a second factor, too: no failure, but a question. */
export function asksForCode(error: unknown): boolean {
  return error instanceof ApiError && error.code === "second_factor_needed";
}

/** What is wrong with the first field of an answer, where nobody typed that field; else null. */
export function faultOf(error: unknown): string | null {
  return error instanceof ApiError ? (Object.values(error.fields).flat()[0] ?? null) : null;
}
