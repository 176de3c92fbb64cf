"""The names and groups of the operations in the description of the API, both from the path."""

from dataclasses import dataclass

BASE = "/v1/"

VERBS = {"get": "get", "post": "create", "put": "set", "patch": "update", "delete": "delete"}

ACTIONS = {
    "authorize": "authorize",
    "bulk": "bulkEdit",
    "confirm": "confirm",
    "deactivate": "deactivate",
    "export": "export",
    "finish": "finish",
    "forgotten": "forget",
    "import": "import",
    "link": "link",
    "login": "logIn",
    "logout": "logOut",
    "merge": "merge",
    "refresh": "refresh",
    "reread": "reread",
    "reorder": "reorder",
    "reset": "reset",
    "restore": "restore",
    "revert": "revert",
    "rewind": "rewind",
    "separate": "separate",
    "signup": "signUp",
    "sync": "sync",
    "upload-csv": "upload",
    "verify": "verify",
}
"""Last words of paths that are verbs → the verb of the operation."""

CALENDAR = "sync"
"""First word of the paths of records in the calendar; POST sends them there."""

NOUNS = {CALENDAR: "calendar", "history": "versions", "oauth": "connections", "auth": "", "metrics": "", "users": ""}
"""Words of paths that read better under another name, or that add nothing."""

NAMES = {
    "auth/confirm/options": "confirmation options",
    "auth/confirm": "session",
    "auth/deactivate": "account",
    "auth/passkeys/login/options": "passkey login options",
    "auth/passkeys/login": "passkey",
    "auth/passkeys/options": "passkey options",
    "auth/refresh": "session",
    "exercises/my-exercises": "own exercises",
    "exercises/system": "catalog exercises",
    "oauth/hevy/key": "hevy key",
    "sync/runs/failed": "failed calendar runs",
    "sync/workouts/failed": "failed calendar workouts",
    "metrics/seconds/total": "running time",
    "users/me": "account",
}
"""Paths whose words make no noun → the noun."""


def operation_id(method: str, path: str, *, is_list: bool) -> str:
    """Return the id of an operation: a verb, then the nouns of its path (`listRuns`, `restoreRun`, `getRunVersion`).

    The verb is the last word of the path if that is one of `ACTIONS`, otherwise that of the method; reading a list is
    `list`. A noun is plural only at the end, for all of its records.
    """
    words = path.removeprefix(BASE).split("/")
    fixed = [word for word in words if not word.startswith("{")]
    last = fixed[-1]
    if last in ACTIONS:
        verb = ACTIONS[fixed.pop()]
        words = words[: words.index(last)]
    elif words[0] == CALENDAR and method == "post":
        verb = "sync"
    else:
        verb = "list" if is_list else VERBS[method]
    of_one = verb == "create" or words[-1:] != fixed[-1:]
    return _joined(verb, _nouns(path.removeprefix(BASE), fixed, of_one=of_one))


def _nouns(path: str, words: list[str], *, of_one: bool) -> list[str]:
    """Return the nouns of a path from its fixed words."""
    for known, name in NAMES.items():
        if path == known or path.startswith(f"{known}/"):
            return [*name.split(), *_nouns("", words[known.count("/") + 1 :], of_one=of_one)]
    named = [NOUNS.get(word, word) for word in words]
    return [_singular(word) if of_one or word is not named[-1] else word for word in named if word]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def _joined(verb: str, nouns: list[str]) -> str:
    parts = [part for noun in nouns for part in noun.split("-")]
    return verb + "".join(part[0].upper() + part[1:] for part in parts)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of operations: those whose path starts with one of these, of which the longest counts."""

    name: str
    description: str
    paths: tuple[str, ...]


GROUPS = (
    Group("Runs", "Your runs and their duplicates.", ("runs",)),
    Group("Shoes", "Your shoes, with their mileage.", ("shoes",)),
    Group("Workouts", "Strength, cardio and rep sessions, and the exercises in them.", ("workouts", "exercises")),
    Group("Plan", "What you plan to do, and what you did of it.", ("planned-workouts", "selections", "plan")),
    Group(
        "Imports",
        "Files from other services, and syncs with them.",
        ("imports", "mmf", "strava", "hevy", "planned-workouts/import", "jobs"),
    ),
    Group(
        "History",
        "Imports, syncs and bulk edits as a whole, how to undo them, and what waits for your decision.",
        ("changes", "changesets", "bookmarks", "users/me/rewind", "timeline/bulk", "conflicts", "inbox"),
    ),
    Group(
        "Statistics",
        "Totals, mileage, records, streaks and training load.",
        ("today", "metrics", "timeline", "summary", "users/me/stats", "exercises/{exercise_id}/stats"),
    ),
    Group(
        "Connections",
        "Strava, Hevy and Google: connect, disconnect, send to the calendar.",
        ("oauth", "sync"),
    ),
    Group("Account", "Sign up, log in, your profile, tokens, all your data.", ("auth", "users")),
    Group("Operation", "For operators: health checks, webhooks.", ("health", "strava/webhook")),
)
"""The groups, in the order of the documentation page."""


def group_of(path: str) -> str | None:
    """Return the name of the group of a path, or None if it is in none."""
    words = path.removeprefix(BASE).split("/")
    matches = [
        (len(start), group.name)
        for group in GROUPS
        for start in (one.split("/") for one in group.paths)
        if words[: len(start)] == start
    ]
    return max(matches)[1] if matches else None
