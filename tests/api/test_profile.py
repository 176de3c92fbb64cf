"""A person's own profile."""

import pytest

pytestmark = pytest.mark.usefixtures("quick_hashes")


# One's own account

PROFILE = {
    "name": "Ada King",
    "username": "countess",
    "profile_image_url": "https://example.com/ada.png",
    "birth_year": 1990,
    "birth_month": 12,
    "sex": "female",
    "time_zone": "America/New_York",
    "max_heart_rate": 186,
    "resting_heart_rate": 52,
    "lactate_threshold_heart_rate": 168,
    "units": "kilometres",
    "week_start": "sunday",
    "weekly_goal_miles": 31.5,
}


@pytest.mark.parametrize("path", ["/v1/auth/me", "/v1/users/me"])
def test_each_field_of_a_profile_can_be_changed_alone(client, alice, path):
    expected = client.get(path, headers=alice.headers).json

    for field, value in PROFILE.items():
        answer = client.patch(path, json={field: value}, headers=alice.headers)

        assert answer.status_code == 200
        assert answer.json["updated_at"] > expected["updated_at"]
        expected = {**expected, field: value, "updated_at": answer.json["updated_at"]}
        assert answer.json == expected
        assert client.get(path, headers=alice.headers).json == expected


def test_null_clears_a_field_and_leaves_the_others(client, alice):
    client.patch("/v1/auth/me", json=PROFILE, headers=alice.headers)
    nullable = [field for field in PROFILE if field not in {"name", "units", "week_start"}]

    for number, field in enumerate(nullable, start=1):
        answer = client.patch("/v1/auth/me", json={field: None}, headers=alice.headers)

        assert answer.status_code == 200
        assert {name for name, value in answer.json.items() if value is None} == set(nullable[:number])


def test_what_makes_the_account_cannot_be_edited(client, alice):
    fields = ["user_id", "email", "password", "hashed_password", "is_active", "google_id"]
    before = client.get("/v1/auth/me", headers=alice.headers).json

    answers = [client.patch("/v1/auth/me", json={"name": "Ada", field: 1}, headers=alice.headers) for field in fields]

    assert [answer.status_code for answer in answers] == [422] * len(fields)
    assert [answer.json["errors"] for answer in answers] == [
        {field: ["This field cannot be edited"]} for field in fields
    ]
    assert client.get("/v1/auth/me", headers=alice.headers).json == before


def test_a_profile_that_makes_no_sense_is_refused_by_field(client, alice):
    nonsense = [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"units": None}, "units"),
        ({"units": "furlongs"}, "units"),
        ({"week_start": None}, "week_start"),
        ({"week_start": "tuesday"}, "week_start"),
        *(({"weekly_goal_miles": miles}, "weekly_goal_miles") for miles in (-1, 1000.1, "32", True)),
        ({"name": "null\u0000byte"}, "name"),
        ({"sex": "x"}, "sex"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"profile_image_url": "javascript:alert(1)"}, "profile_image_url"),
        ({"profile_image_url": "https://example.com/\u0000"}, "profile_image_url"),
        ({"profile_image_url": "https://example.com/" + "a" * 10_000}, "profile_image_url"),
        ({"max_heart_rate": 59}, "max_heart_rate"),
        ({"max_heart_rate": 251}, "max_heart_rate"),
        ({"max_heart_rate": "186"}, "max_heart_rate"),
        ({"max_heart_rate": True}, "max_heart_rate"),
        ({"resting_heart_rate": 19}, "resting_heart_rate"),
        ({"lactate_threshold_heart_rate": 251}, "lactate_threshold_heart_rate"),
        ({"resting_heart_rate": 100, "max_heart_rate": 90}, "resting_heart_rate"),
        ({"resting_heart_rate": 90, "max_heart_rate": 90}, "resting_heart_rate"),
        ({"created_at": "2025-01-01T00:00:00Z"}, "created_at"),
    ]

    answers = [(field, client.patch("/v1/auth/me", json=body, headers=alice.headers)) for body, field in nonsense]

    wrong = [(f, a.status_code, a.json) for f, a in answers if a.status_code != 422 or list(a.json["errors"]) != [f]]
    assert wrong == []


def test_heart_rates_must_fit_those_that_are_stored(client, alice):
    client.patch("/v1/auth/me", json={"max_heart_rate": 100}, headers=alice.headers)

    answer = client.patch("/v1/auth/me", json={"resting_heart_rate": 110}, headers=alice.headers)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"resting_heart_rate": ["Must be lower than the maximum heart rate"]}


def test_a_change_of_nothing_is_refused(client, alice):
    answer = client.patch("/v1/auth/me", json={}, headers=alice.headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {})


def test_anothers_username_is_a_conflict(client, alice, bob):
    answer = client.patch("/v1/auth/me", json={"username": "BOB"}, headers=alice.headers)

    assert (answer.status_code, answer.json) == (409, {"detail": "This username is already taken"})


def test_a_change_of_ones_account_leaves_everybody_elses_alone(client, alice, bob):
    before = client.get("/v1/auth/me", headers=bob.headers).json

    client.patch("/v1/auth/me", json={"name": "Ada", "birth_year": 1990}, headers=alice.headers)

    assert client.get("/v1/auth/me", headers=bob.headers).json == before
