"""Names in the database: one record per name, however it is written."""

import io

import pytest

from tests.api.test_hevy import row, table

SAME = [
    ("Caf\u00e9 press", "Cafe\u0301 press"),
    ("Stra\u00dfe", "STRASSE"),
    ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2"),
    ("Zero\u200bwidth", "Zerowidth"),
    ("Heart \u2764\ufe0f", "heart \u2764"),
]
UNSEEN = ["\u200b", "\u2060\ufeff", "\u00ad", "\u200d", " \u200b "]
same = pytest.mark.parametrize(("one", "other"), SAME, ids=["NFD", "sharp s", "final sigma", "zero width", "selector"])


@pytest.fixture
def call(client, alice):
    def call(method, path, code=200, **body):
        answer = client.open(f"/v1{path}", method=method, json=body or None, headers=alice.headers)
        assert answer.status_code == code, answer.text
        return answer.json if answer.data else None

    return call


@pytest.fixture
def upload(client, alice):
    def upload(provider, content):
        form = {"file": (io.BytesIO(content), "export.csv"), "timezone": "UTC"}
        answer = client.post(f"/v1/{provider}/upload-csv", data=form, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return upload


def names(call, path):
    return [item["name"] for item in call("GET", path)["items"]]


@same
def test_two_spellings_of_a_name_are_one_exercise_for_the_api_and_for_files(call, upload, one, other):
    call("POST", "/exercises", 201, name=one)
    call("POST", "/exercises", 409, name=other)
    sets = [{"exercise_name": other, "weight": 80, "reps": 5}]
    call("POST", "/workouts", 201, workout_type="STRENGTH", strength_sets=sets)
    upload("hevy", table(row(other, 0), row(one, 1)))

    (exercise,) = call("GET", "/exercises/my-exercises")["items"]
    assert call("GET", f"/exercises/{exercise['id']}/stats")["totals"]["sets"] == 3
    assert len(call("GET", f"/workouts?exercise_id={exercise['id']}")["items"]) == 2


@same
def test_two_spellings_of_a_name_in_one_file_are_one_exercise(call, upload, one, other):
    upload("hevy", table(row(one, 0), row(other, 0, title="Another")))

    assert len(names(call, "/exercises/my-exercises")) == 1


@same
def test_an_exercise_cannot_be_renamed_to_another_spelling_of_a_taken_name(call, one, other):
    call("POST", "/exercises", 201, name=one)
    second = call("POST", "/exercises", 201, name="Second")["id"]

    call("PATCH", f"/exercises/{second}", 409, name=other)

    assert "Second" in names(call, "/exercises/my-exercises")


@same
def test_an_exercise_is_found_by_another_spelling_of_its_name(call, one, other):
    exercise = call("POST", "/exercises", 201, name=one)

    found = call("GET", f"/exercises/my-exercises?name={other}")["items"]

    assert found == [exercise]


RUNS = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link\n"
RUN = '"May {day}, 2025",Run,3.1,1500,Shoes: {name},http://x.example/workout/{day}\n'


def runs(*shoe_names):
    return (RUNS + "".join(RUN.format(day=day, name=name) for day, name in enumerate(shoe_names, 1))).encode()


@same
def test_two_spellings_of_a_name_are_one_shoe_for_the_api_and_for_files(call, upload, one, other):
    shoe = call("POST", "/shoes", 201, name=one)
    call("POST", "/shoes", 409, name=other)
    upload("mmf", runs(one, other))

    assert [(item["id"], item["run_count"]) for item in call("GET", "/shoes")["items"]] == [(shoe["id"], 2)]


@same
def test_two_spellings_of_a_name_in_one_file_are_one_shoe(call, upload, one, other):
    report = upload("mmf", runs(one, other, one))

    assert report["created"] == 3
    assert [item["run_count"] for item in call("GET", "/shoes")["items"]] == [3]


@same
def test_a_shoe_cannot_be_renamed_to_another_spelling_of_a_taken_name(call, one, other):
    call("POST", "/shoes", 201, name=one)
    second = call("POST", "/shoes", 201, name="Second")["id"]

    call("PATCH", f"/shoes/{second}", 409, name=other)

    assert "Second" in names(call, "/shoes")


@same
def test_a_deleted_shoe_comes_back_by_another_spelling_of_its_name(call, one, other):
    shoe = call("POST", "/shoes", 201, name=one)
    call("DELETE", f"/shoes/{shoe['id']}", 204)

    assert call("POST", "/shoes", 201, name=other)["id"] == shoe["id"]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_name_of_nothing_that_can_be_seen_is_refused(call, make_exercise, make_shoe, alice, unseen):
    exercise, shoe = make_exercise(alice), make_shoe(alice)

    assert "name" in call("POST", "/exercises", 422, name=unseen)["errors"]
    assert "name" in call("PATCH", f"/exercises/{exercise.id}", 422, name=unseen)["errors"]
    assert "name" in call("POST", "/shoes", 422, name=unseen)["errors"]
    assert "name" in call("PATCH", f"/shoes/{shoe.id}", 422, name=unseen)["errors"]
    sets = [{"exercise_name": unseen, "weight": 80, "reps": 5}]
    call("POST", "/workouts", 422, workout_type="STRENGTH", strength_sets=sets)


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_set_of_an_exercise_without_a_name_is_a_problem_of_its_row_and_a_shoe_without_one_no_shoe(
    call, upload, unseen
):
    report = upload("hevy", table(row(unseen, 0), row("Squat", 0)))
    upload("mmf", runs(unseen))

    assert [problem["row"] for problem in report["problems"]] == [2]
    assert names(call, "/exercises/my-exercises") == ["Squat"]
    assert names(call, "/shoes") == []
