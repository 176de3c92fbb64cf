"""Sets, bodies and ids that make no sense."""

import pytest

from tests.api.exercise_executions.changes import CHANGES, read

BAD_SETS = [
    ("weight", "NaN"),
    ("weight", "Infinity"),
    ("weight", "-Infinity"),
    ("weight", "1e999"),
    ("weight", '"heavy"'),
    ("weight", "true"),
    ("weight", "5000.5"),
    ("reps", "-1"),
    ("reps", "2.5"),
    ("reps", '"5"'),
    ("reps", "1e300"),
    ("forced_reps", "-1"),
    ("rpe", "10.5"),
    ("rpe", "NaN"),
    ("duration_seconds", "-1"),
    ("distance_miles", "-0.1"),
    ("superset_id", "-1"),
    ("superset_id", "99999999999999999999"),
    ("set_type", '"cooldown"'),
    ("set_type", "null"),
    ("weight_unit", '"stone"'),
    ("weight_unit", "null"),
    ("set_index", "-1"),
    ("set_index", "1.5"),
    ("set_index", "99999999999"),
    ("set_index", "null"),
    ("note", '"nul\\u0000"'),
    ("note", "{}"),
    ("colour", '"red"'),
    ("id", '"6a1b0d0c-7a55-4c2a-9d9b-0f6f0d1c7a90"'),
    ("position", "1"),
    ("exercise_id", '"6a1b0d0c-7a55-4c2a-9d9b-0f6f0d1c7a90"'),
]


@pytest.mark.parametrize(("field", "value"), BAD_SETS)
def test_what_no_set_can_say_is_refused_and_changes_nothing(client, alice, live, field, value):
    before = read(client, alice, live.id).json
    headers = {**alice.headers, "Content-Type": "application/json"}
    text = f'{{"{field}": {value}}}'

    answers = [
        client.post(live.of(live.bench, "sets"), data=text, headers=headers),
        client.patch(live.of(live.bench, "sets", live.sets[0]), data=text, headers=headers),
        client.put(live.of(live.bench), data=f'{{"sets": [{text}]}}', headers=headers),
    ]

    # NaN and the infinities are no JSON to begin with, and no number is as large.
    expected = 400 if value in ("NaN", "Infinity", "-Infinity", "1e999") else 422
    assert [answer.status_code for answer in answers] == [expected] * 3
    if expected == 422:
        assert [field in answer.json["errors"] for answer in answers[:2]] == [True, True]
        assert field in answers[2].json["errors"]["sets"]["0"]
    assert read(client, alice, live.id).json == before


@pytest.mark.parametrize(
    ("method", "further", "body"),
    [
        ("put", (), {"sets": None}),
        ("put", (), {"sets": {}}),
        ("put", (), {"sets": [7]}),
        ("put", (), {"exercise_name": "Squat"}),
        ("put", (), []),
        ("patch", (), {}),
        ("patch", (), {"note": 7}),
        ("patch", (), {"note": "a" * 10_001}),
        ("patch", (), {"note": "Slowly", "sets": []}),
        ("patch", ("sets", 0), {}),
        ("patch", ("sets", 0), {"change_reason": "Nothing"}),
        ("post", ("sets",), {"sets": []}),
        ("post", ("sets",), []),
        ("patch", ("reorder",), {}),
    ],
)
def test_a_body_of_another_shape_is_refused_and_changes_nothing(client, alice, live, method, further, body):
    before = read(client, alice, live.id).json
    parts = [part if isinstance(part, str) else live.sets[part] for part in further]
    path = live.of("reorder") if parts == ["reorder"] else live.of(live.bench, *parts)

    response = getattr(client, method)(path, json=body, headers=alice.headers)

    assert response.status_code == 422
    assert "errors" in response.json
    assert read(client, alice, live.id).json == before


@pytest.mark.parametrize(
    "rubbish", ["7", "rubbish", "%00", "00000000-0000-0000-0000-00000000000g", "-1", "%F0%9F%8F%8B"]
)
def test_rubbish_instead_of_an_id_leads_nowhere(client, alice, live, rubbish):
    before = read(client, alice, live.id).json
    paths = [
        live.of(rubbish),
        f"/v1/workouts/{rubbish}/exercise-executions/{live.bench}",
        live.of(rubbish, "sets", live.sets[0]),
        live.of(live.bench, "sets", rubbish),
        f"/v1/workouts/{rubbish}/exercise-executions/{live.bench}/sets/{live.sets[0]}",
    ]

    answers = [client.delete(path, headers=alice.headers) for path in paths]
    answers += [client.patch(path, json={"note": "Here"}, headers=alice.headers) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert read(client, alice, live.id).json == before


def test_nobody_changes_anything_without_login(client, alice, live):
    nobody = type(alice)(0, "", {})
    before = read(client, alice, live.id).json

    answers = [change(client, nobody, live) for change in CHANGES]

    assert {answer.status_code for answer in answers} == {401}
    assert read(client, alice, live.id).json == before
