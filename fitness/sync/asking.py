"""Asking a provider for single records by their ids, and again for those that a sync could not read."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fitness.db import provider_events, sync_metadata
from fitness.db.provider_events import MOST_TRIES, Unread
from fitness.providers.client import NoApi, NotThere, RateLimited, Unreachable
from fitness.readers.records import Problem

MOST_ASKED_AGAIN = 20
"""So many of the records that could not be read are asked for in a sync: each is a request."""

MOST_FAILED = 3
"""After so many requests that fail, the provider is down: otherwise what fails is the record."""


@dataclass(slots=True)
class Answers:
    """What a provider answered: the records that are `there`, those that are `gone`, and why others `failed`.

    `limit` is the rate limit that was reached before all were asked for.
    """

    there: dict[str, Any] = field(default_factory=dict[str, Any])
    gone: list[str] = field(default_factory=list[str])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    limit: RateLimited | None = None


def ask_for(ids: Iterable[str], fetch: Callable[[str], Any]) -> Answers:
    """Ask for each of the records; raises Unreachable if MOST_FAILED requests fail, and other errors of the client."""
    answers = Answers()
    for id in ids:
        try:
            answers.there[id] = fetch(id)
        except NotThere:
            answers.gone.append(id)
        except NoApi:  # it says nothing of the record
            raise
        except Unreachable as error:
            answers.failed[id] = error.detail
            if len(answers.failed) == MOST_FAILED:
                raise
        except RateLimited as limit:
            answers.limit = limit
            break
    return answers


def to_report(
    problems: Mapping[str, Problem], waiting: Mapping[str, Unread], reported: Collection[str | None], provider: str
) -> list[Problem]:
    """Return what is reported of records that were asked for again and still cannot be read, {id: problem}.

    Those whose problems this sync has `reported` already are left out, unless they are given up.
    """
    return [
        _with_tries(problem, waiting[id], provider)
        for id, problem in problems.items()
        if problem.id not in reported or waiting[id].is_last_try
    ]


def _with_tries(problem: Problem, unread: Unread, provider: str) -> Problem:
    """Return the problem of a record that was asked for again; after the last time, it says so."""
    if not unread.is_last_try:
        return problem
    detail = f"{problem.detail.rstrip('.')}. {provider} was asked {MOST_TRIES} times; only a full sync asks again."
    return problem._replace(detail=detail)


def note_answers(
    provider: str,
    waiting: Mapping[str, Unread],
    listed: Collection[str],
    answers: Answers,
    problems: Mapping[str, Problem],
) -> None:
    """Store inside a page which of the `waiting` records still cannot be read, {id: problem}; forget the others.

    `listed` are those that the sync read anyway; what was not asked for any more waits as before. Those that are given
    up are said in the status of the connection.
    """
    provider_events.delete_unread(provider, {*listed, *answers.gone, *answers.there} - problems.keys())
    unread = {id: problem.detail for id, problem in problems.items()}
    provider_events.count_tries(provider, unread)
    if given_up := [id for id, one in waiting.items() if one.is_last_try and id in unread]:
        sync_metadata.set_error(
            provider,
            f"{len(given_up):,} of the provider's records could not be read {MOST_TRIES} times, the first with the id"
            f" {given_up[0]}: {unread[given_up[0]].rstrip('.')}. Only a full sync asks for them again",
        )
