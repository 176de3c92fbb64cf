"""The whole journey in short, over HTTP against a real server on the embedded PostgreSQL."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.samples import DATA
from tests.server.serving import Served

ACCOUNT = {"email": "ada@example.com", "password": "a long pass phrase", "name": "Ada"}
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
WORKOUT = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat", "weight": 225, "reps": 5}]}


def test_a_training_log_from_sign_up_to_archive(launch: Callable[..., Served]) -> None:
    served = launch()
    served.wait_until_it_serves()
    tokens = served.post("/v1/auth/signup", ACCOUNT).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}/v1", headers=headers, timeout=60) as client:

        def call(method: str, path: str, **kwargs: Any) -> Any:
            answer = client.request(method, path, **kwargs)
            assert answer.status_code < 300, answer.text
            return answer.content if path.endswith("/export") or not answer.content else answer.json()

        run = call("POST", "/runs", json=RUN)
        edited = call("PATCH", f"/runs/{run['id']}", json={"distance": 6.2}, headers={"If-Match": '"1"'})
        restored = call("POST", f"/runs/{run['id']}/restore/1")
        assert [(one["version"], one["distance"]) for one in (edited, restored)] == [(2, 6.2), (3, 5)]
        assert len(call("GET", f"/runs/{run['id']}/history")["items"]) == 3

        call("POST", "/workouts", json=WORKOUT)
        export = {"file": (DATA / "mapmyfitness.csv").read_bytes()}
        first, again = (call("POST", "/mmf/upload-csv", files=export) for _ in range(2))
        assert (first["created"], again["created"], again["unchanged"]) == (15, 0, 15)
        call("POST", f"/changesets/{first['changeset_id']}/revert")
        assert [one["id"] for one in call("GET", "/runs")["items"]] == [run["id"]]
        assert call("GET", "/metrics/mileage/total") == {"miles": 5, "runs": 1}
        archive = call("GET", "/users/me/export")

        call("DELETE", "/users/me", json={"current_password": ACCOUNT["password"]})
        assert archive.startswith(b"PK")
        assert client.get("/runs").status_code == 401
