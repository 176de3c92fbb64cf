"""What a first page shows, in one answer."""

import pytest

QUERY = "start=2026-01-01&time_zone=Europe/Berlin"
PARTS = {
    "mileage": f"metrics/mileage/by-day?{QUERY}",
    "training_load": f"metrics/training-load/by-day?{QUERY}",
    "adherence": "plan/adherence?start=2026-03-02&end=2026-03-08&time_zone=Europe/Berlin",
    "planned": "planned-workouts?start=2026-03-02&end=2026-03-08&selected=true",
    "timeline": "timeline?limit=6",
    "changesets": "changesets",
    "shoes": "shoes",
    "inbox": "inbox?time_zone=Europe/Berlin",
}


@pytest.fixture
def get(client, full):
    """Read as somebody with records of every noun."""

    def read(path):
        answer = client.get(f"/v1/{path}", headers=full.headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    return read


def test_each_part_is_the_answer_of_its_own_call(get):
    today = get(f"today?{QUERY}&week=2026-03-02")

    assert today == {part: get(path) for part, path in PARTS.items()}
    assert today["timeline"]["items"]


def test_it_says_what_is_missing_in_the_question(client, alice):
    answer = client.get("/v1/today", headers=alice.headers)

    assert (answer.status_code, set(answer.json["errors"])) == (422, {"start", "week"})


def test_a_series_is_of_a_hundred_years_at_most(client, alice):
    answer = client.get("/v1/today?start=1900-01-01&week=2199-12-30", headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["start"])
