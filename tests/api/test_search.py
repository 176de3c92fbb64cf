"""`q` finds text in the names and notes of every noun."""

import pytest


@pytest.fixture
def written(client, alice):
    """A record of each noun with the text in its notes, and one without it."""

    def post(path, **body):
        response = client.post(f"/v1/{path}", json=body, headers=alice.headers)
        assert response.status_code == 201, response.json

    for notes in ("100% Windy_day", "Calm"):
        run = {"datetime_utc": "2025-11-02T12:00:00Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
        post("runs", **run, notes=notes)
        post("workouts", workout_type="CARDIO", notes=notes)
        post("shoes", name=f"Shoe {notes}"[:10], notes=notes)
        post("exercises", name=f"Lift {notes}"[:8], notes=notes)
        planned = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-02"}
        post("planned-workouts", **planned, description=notes)


LISTS = ("runs", "workouts", "shoes", "exercises", "planned-workouts", "timeline")


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("path", LISTS)
def test_text_is_found_as_it_stands_ignoring_case(client, alice, path):
    def count(q):
        response = client.get(f"/v1/{path}", query_string={"q": q, "limit": 500}, headers=alice.headers)
        if path == "shoes":  # all in one page
            response = client.get(f"/v1/{path}", query_string={"q": q}, headers=alice.headers)
        assert response.status_code == 200, response.json
        return len(response.json["items"])

    each = 2 if path == "timeline" else 1
    assert (count("windy_DAY"), count("100% w"), count("w_ndy")) == (each, each, 0)
