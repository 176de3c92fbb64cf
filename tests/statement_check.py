"""Checks each statement of the program that a test runs, see `tests.sharding`."""

import sys

from fitness.db import bound, connection, later
from tests.sharding import Catalog, problems_of, problems_of_all_users

ALL_USERS = {
    "fitness.db.api_tokens.find_user": "Tokens of earlier releases name no user.",
    "fitness.db.drops.delete_old_drops": "One server clears up for all.",
    "fitness.db.history.feed.begin_epoch": "A restored database refuses the cursors of all.",
    "fitness.db.jobs.delete_old_jobs": "One server clears up for all.",
    "fitness.db.jobs.list_free": "One server does the jobs of all.",
    "fitness.db.mail_codes._delete_expired": "One account clears up for all.",
    "fitness.db.mail_codes.get_addressee_of_code": "A code that was sent by mail names no user.",
    "fitness.db.oauth_applications.list_owners": "The operator rotates the keys of all.",
    "fitness.db.oauth_credentials.get_users_of_account": "A webhook names no user.",
    "fitness.db.oauth_credentials.list_owners": "The operator rotates the keys of all.",
    "fitness.db.restored.count_tokens": "The operator has restored the database of all.",
    "fitness.db.restored.end_sessions": "The operator has restored the database of all.",
    "fitness.db.restored.revoke_tokens": "The operator has restored the database of all.",
    "fitness.db.second_factors.list_owners": "The operator rotates the keys of all.",
    "fitness.db.server_state.count_jobs_by_state": "The operator's metrics count the jobs of all.",
    "fitness.db.sync_metadata.is_limited": "The limit of a provider holds for all.",
    "fitness.db.sync_metadata.list_due": "One server syncs for all.",
    "fitness.db.sync_metadata.list_due_for_points": "One server fetches points for all.",
}
"""The functions whose statements are about all users → why. They run in system transactions."""

ASKED_THROUGH = (bound.__name__, connection.__name__, later.__name__)
"""The modules that statements go through; who asks stands above them."""

IN_A_USERS_TRANSACTION = "this asks all servers of a cluster, but the transaction is that of a user"


class StatementCheck:
    """What the statements of the program broke since the last test; each text is parsed once."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.known: dict[str, list[str]] = {}
        self.broken: dict[str, list[str]] = {}

    def __call__(self, text: str) -> None:
        caller = _caller()
        if not caller.startswith("fitness."):
            return
        about_all = caller in ALL_USERS
        if text not in self.known:
            self.known[text] = problems_of_all_users(text) if about_all else problems_of(text, self.catalog)
        problems = self.known[text]
        if about_all and bound.bound_transaction().user_id is not None:
            problems = [*problems, IN_A_USERS_TRANSACTION]
        if problems:
            self.broken[f"{caller}:\n{text}"] = problems


def _caller() -> str:
    """Return the function whose statement is about to run: `fitness.db.runs.get_run_by_id`."""
    frame = sys._getframe(2)
    while frame.f_globals["__name__"] in ASKED_THROUGH and frame.f_back:
        frame = frame.f_back
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}"
