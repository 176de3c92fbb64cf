"""Nouns whose records have a name: a user has no two records with the same name, however it is written."""

from collections.abc import Collection, Mapping
from typing import Any

from fitness.db.connection import execute, fetch_all
from fitness.db.history.versioned import R, V, Versioned
from fitness.names import name_key


class Named(Versioned[R, V]):
    """A noun with the columns `name` and `name_key`; see `fitness.names.name_key` for which names are the same.

    Two records that had the same name when migration 0016 compared them keep it: the key of the second one ends with
    its id, and no name leads to it.
    """

    def check(self, ids: Collection[Any], changed: Collection[str]) -> None:
        """Store the keys of changed names; raise Conflict if another record has the name."""
        if "name" in changed:
            self._store_keys({record_id: name_key(name) for record_id, name in self._names_of(ids)})

    def mend(self, ids: Collection[Any]) -> Mapping[Any, tuple[str, str]]:
        """Store the keys of names that a revert has brought back; where another record has it, the name stays.

        The name that stays is that of the version before the one that the revert writes.
        """
        keys = {record_id: name_key(name) for record_id, name in self._names_of(ids)}
        taken = self._list_taken(keys)
        execute(
            self.sql(
                """
                UPDATE {table} AS r
                SET name = h.name
                FROM {history} AS h
                WHERE r.user_id = %(user_id)s
                  AND r.id = ANY(%(ids)s::{id_type}[])
                  AND h.user_id = %(user_id)s
                  AND h.{key} = r.id
                  AND h.version_number = r.version
                """
            ),
            ids=taken,
        )
        self._store_keys({record_id: key for record_id, key in keys.items() if record_id not in taken})
        return {record_id: ("name", f"Another {self.noun.lower()} has this name") for record_id in taken}

    def complete(self) -> None:
        """Store the keys that records of an earlier version's archive lack."""
        rows = fetch_all(
            tuple,
            self.sql(
                """
                SELECT r.id, r.name
                FROM {table} AS r
                WHERE r.user_id = %(user_id)s
                  AND r.name_key IS NULL
                ORDER BY r.deleted_at IS NOT NULL, r.created_at, r.id
                """
            ),
        )
        keys: dict[str, Any] = {}
        for record_id, name in rows:
            key = name_key(name)
            keys[f"{key} {record_id}" if key in keys else key] = record_id
        self._store_keys({record_id: key for key, record_id in keys.items()})

    def _names_of(self, ids: Collection[Any]) -> list[tuple[Any, str]]:
        return fetch_all(
            tuple,
            self.sql("SELECT r.id, r.name FROM {table} AS r WHERE r.user_id = %(user_id)s AND r.id = ANY(%(ids)s)"),
            ids=list(ids),
        )

    def _list_taken(self, keys: Mapping[Any, str]) -> list[Any]:
        """Return the ids of those of {id: key} whose key another record has."""
        return fetch_all(
            object,
            self.sql(
                """
                SELECT keyed.record_id
                FROM unnest(%(ids)s::{id_type}[], %(keys)s::text[]) AS keyed (record_id, name_key)
                WHERE EXISTS (
                    SELECT
                    FROM {table} AS o
                    WHERE o.user_id = %(user_id)s AND o.name_key = keyed.name_key AND o.id <> keyed.record_id
                )
                """
            ),
            ids=list(keys),
            keys=list(keys.values()),
        )

    def _store_keys(self, keys: Mapping[Any, str]) -> None:
        if keys:
            execute(
                self.sql(
                    """
                    UPDATE {table} AS r
                    SET name_key = keyed.name_key
                    FROM unnest(%(ids)s::{id_type}[], %(keys)s::text[]) AS keyed (record_id, name_key)
                    WHERE r.user_id = %(user_id)s
                      AND r.id = keyed.record_id
                      AND r.name_key IS DISTINCT FROM keyed.name_key
                      AND r.name_key IS DISTINCT FROM keyed.name_key || ' ' || r.id
                    """
                ),
                ids=list(keys),
                keys=list(keys.values()),
            )
