"""The introduction of the documentation page and of the description of the API, in Markdown."""

INTRODUCTION = """
A training log under version control: runs, shoes, workouts and a training plan. Every edit is a version, every import
can be undone.

**Log in.** Open *Log in* in the group *Account*, write your e-mail address and password into the body, and press
*Execute*: this page then sends the new access token with every other call. Programs send
`Authorization: Bearer <token>`. An access token is valid for 15 minutes; get the next one with *Exchange a refresh
token*, or create a personal access token for a script or a watch.

**Lists** answer `{"items": […], "next_cursor": …}`. Send `next_cursor` as `cursor` to get the next page; `null` means
that there is none. `limit` is 1 to 500; a page of large records has fewer.

**Errors** answer `{"detail": "Run not found"}`: one sentence for a person. A 422 adds `errors`, with the problems of
each field. With `Accept: application/problem+json` errors are problem details (RFC 9457) with a `code` for programs,
which never changes. A record of another person answers 404, like one that does not exist.

**Versions.** Every change to a record adds 1 to its `version`, and the earlier version stays in its history. Send the
`ETag` of an answer as `If-Match` to change a record only if nobody else has changed it: otherwise the answer is 412.

**Retrying** is safe. GET, PUT, PATCH and DELETE can be repeated. Give new records a `client_uuid`: repeating the call
answers 200 with the record of the first time. After 429 and 503, wait for the seconds in `Retry-After`; `RateLimit`
says how many calls are left.

**Units.** Distances are miles, durations seconds, heart rates beats per minute; weights are pounds unless
`weight_unit` is `kg`. Instants are UTC (`2026-03-01T07:30:00Z`). Days in queries are local to `time_zone`: the
parameter, otherwise that of your profile, otherwise UTC.

Paths also work without `/v1`, and with `/api` instead; `/auth/me` is the same as `/users/me`.
"""
