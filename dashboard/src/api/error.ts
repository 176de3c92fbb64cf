/** An answer that is no success: its status, its sentence for a person, and for 422 what is wrong with which field. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly fields: Record<string, string[]> = {},
  ) {
    super(detail);
  }
}
