"""What tests of imports of several files share: somebody who sends files."""

import hashlib
from typing import Any, LiteralString

import psycopg
from werkzeug.test import TestResponse

from tests.samples import ACTIVITIES, DATA

HISTORY = (DATA / "mapmyfitness.csv").read_bytes()
STRAVA = (DATA / "strava_export_activities.csv").read_bytes()
HEVY = (DATA / "hevy_export.csv").read_bytes()
STRONG = (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes()
SHEET = b"Datum,Strecke (km),Dauer\n2025-05-01,10,0:50:00\n2025-05-02,5,0:25:00\n"


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Drop:
    """An import of several files by somebody."""

    def __init__(self, client, headers) -> None:
        self.client, self.headers = client, headers
        begun = client.post("/v1/imports", headers=headers)
        assert begun.status_code == 201, begun.text
        self.begun = begun.json
        self.path = f"/v1/imports/{begun.json['import_id']}"

    def send(self, content: bytes, name: str = "a.csv", *, sha256: str | None = None) -> TestResponse:
        path = f"{self.path}/files/{sha256 or sha256_of(content)}"
        return self.client.put(path, query_string={"name": name}, data=content, headers=self.headers)

    def send_piece(
        self, content: bytes, first: int, last: int, *, size: int | None = None, **headers: str
    ) -> TestResponse:
        """Send the bytes from `first` to `last` of a file."""
        return self.client.put(
            f"{self.path}/files/{sha256_of(content)}",
            query_string={"name": "a.csv"},
            data=content[first : last + 1],
            headers={**self.headers, "Content-Range": f"bytes {first}-{last}/{size or len(content)}", **headers},
        )

    def read(self) -> dict[str, Any]:
        answer = self.client.get(self.path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def answer(self, **answers: str) -> TestResponse:
        return self.client.post(f"{self.path}/answers", json=answers, headers=self.headers)

    def finish(self, query: str = "", **headers: str) -> TestResponse:
        return self.client.post(f"{self.path}/finish{query}", headers={**self.headers, **headers})

    def finished(self, query: str = "") -> dict[str, Any]:
        answer = self.finish(query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


def lines(answer: dict[str, Any]) -> dict[str, tuple[str, str | None, int]]:
    """Return {name: (state, kind, created)} of the files in an answer."""
    return {file["name"]: (file["state"], file["kind"], file["created"]) for file in answer["files"]}


def count(owner: psycopg.Connection, table: LiteralString) -> int:
    return owner.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
