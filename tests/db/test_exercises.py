"""The query functions of exercises: what a workout's names and ids become, however many ask at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.db import connection
from fitness.db.connection import transaction
from fitness.db.exercises import EXERCISES, MODALITIES, use_exercises
from fitness.db.history import changesets, reading, versions
from fitness.db.history.versions import Change
from fitness.db.pool import open_pool
from fitness.errors import NotFound
from fitness.names import name_key, normal_name
from fitness.sync import undoing
from migrations.exercise_catalog import EXERCISES as CATALOG

BENCH_PRESS = next(exercise for exercise in CATALOG if exercise.name == "Bench Press")


@pytest.fixture
def as_alice(app, alice):
    """A transaction of Alice's around the test."""
    with transaction(alice.user_id):
        yield alice


def use(*names, ids=()):
    return use_exercises(ids, names, changed_by="alice")


def own():
    """All of the user's exercises, by name."""
    return connection.fetch_all(
        dict,
        """
        SELECT id, name, body_part, modality, version, deleted_at IS NOT NULL AS deleted
        FROM exercises
        WHERE user_id = %(user_id)s
        ORDER BY lower(name)
        """,
    )


def delete(exercise_id):
    versions.delete(EXERCISES, exercise_id, Change("alice"))


def rename(exercise_id, name):
    versions.edit(EXERCISES, exercise_id, {"name": name}, Change("alice"))


@given(st.text())
def test_a_normal_name_has_single_blanks_inside_and_none_around_it_and_is_its_own_normal_name(text):
    name = normal_name(text)

    assert not re.search(r"\s\s|[^\S ]", name)
    assert name == name.strip() == normal_name(name)


def test_the_catalog_has_enough_for_everybody_with_every_modality(as_alice):
    rows = connection.fetch_all(dict, "SELECT id, name, body_part, modality FROM exercise_catalog")

    assert {(row["id"], row["name"], row["body_part"], row["modality"]) for row in rows} == {
        (exercise.id, *exercise) for exercise in CATALOG
    }
    assert len(rows) >= 150
    assert {row["modality"] for row in rows} == set(MODALITIES)
    assert len({row["body_part"] for row in rows}) <= 15
    assert [row["name"] for row in rows if row["name"] != normal_name(row["name"]) or "'" in row["name"]] == []
    assert [row["name"] for row in rows if row["name"].lower() != name_key(row["name"])] == []


@pytest.mark.parametrize(
    ("name", "modality"),
    [("Squat", "BARBELL"), ("Bench Press", "BARBELL"), ("Deadlift", "BARBELL"), ("Cable Row", "CABLE")],
)
def test_the_catalog_knows_what_the_lifts_that_everybody_does_are_done_with(name, modality):
    assert [exercise.modality for exercise in CATALOG if exercise.name == name] == [modality]


def test_a_new_name_becomes_a_bare_exercise_with_its_original_version(as_alice):
    _, by_name = use("  Zercher\t  Carry ")

    (exercise,) = own()
    assert by_name == {"  Zercher\t  Carry ": exercise["id"]}
    assert (exercise["name"], exercise["body_part"], exercise["modality"], exercise["version"]) == (
        "Zercher Carry", None, None, 1,
    )  # fmt: skip
    (original,) = reading.get_history(EXERCISES, exercise["id"])
    assert (original.change_type, original.name, original.changed_by) == ("original", "Zercher Carry", "alice")


def test_names_that_differ_in_case_and_blanks_are_one_exercise(as_alice):
    _, first = use("Zercher Carry", "zercher carry", "  ZERCHER   CARRY  ")
    _, second = use("zErChEr cArRy")

    assert len(own()) == 1
    assert {*first.values(), *second.values()} == {own()[0]["id"]}
    assert len(first) == 3


def test_a_name_of_the_catalog_becomes_the_users_own_copy_under_an_id_of_its_own(as_alice):
    _, by_name = use(" bench press ")

    (exercise,) = own()
    assert by_name == {" bench press ": exercise["id"]}
    assert exercise["id"] != BENCH_PRESS.id
    assert (exercise["name"], exercise["body_part"], exercise["modality"]) == ("Bench Press", "Chest", "BARBELL")


def test_an_id_of_the_catalog_becomes_the_users_own_copy(as_alice):
    by_id, by_name = use("BENCH PRESS", "Zercher Carry", ids=[BENCH_PRESS.id])

    assert [exercise["name"] for exercise in own()] == ["Bench Press", "Zercher Carry"]
    assert by_id == {BENCH_PRESS.id: by_name["BENCH PRESS"]} == {BENCH_PRESS.id: own()[0]["id"]}
    assert len(reading.get_history(EXERCISES, by_name["BENCH PRESS"])) == 1


def test_an_own_id_stands_for_itself_whatever_it_is_called_now(as_alice):
    _, by_name = use("Bench Press", "Zercher Carry")
    rename(by_name["Bench Press"], "My bench")

    by_id, _ = use(ids=[*by_name.values(), BENCH_PRESS.id])

    assert by_id == {**{own_id: own_id for own_id in by_name.values()}, BENCH_PRESS.id: by_name["Bench Press"]}
    assert [exercise["name"] for exercise in own()] == ["My bench", "Zercher Carry"]


def test_the_name_of_a_renamed_copy_leads_to_the_copy(as_alice):
    _, first = use("Bench Press")
    rename(first["Bench Press"], "My bench")

    by_id, by_name = use("bench press", ids=[BENCH_PRESS.id])

    assert {*by_id.values(), *by_name.values()} == {*first.values()}
    assert [(exercise["name"], exercise["modality"]) for exercise in own()] == [("My bench", "BARBELL")]


def test_an_id_of_the_catalog_leads_to_the_own_exercise_of_its_name(as_alice):
    _, by_name = use("Zercher Carry")
    rename(by_name["Zercher Carry"], "Bench Press")

    by_id, _ = use(ids=[BENCH_PRESS.id])

    assert by_id == {BENCH_PRESS.id: by_name["Zercher Carry"]}


@pytest.mark.parametrize("by", ["name", "catalog id"])
def test_a_deleted_exercise_comes_back_as_it_was_in_a_version_of_its_own(as_alice, by):
    _, first = use("Bench Press", "Zercher Carry")
    bench_press = first["Bench Press"]
    versions.edit(EXERCISES, bench_press, {"notes": "Pause"}, Change("alice"))
    delete(bench_press)

    by_id, by_name = use("bench press") if by == "name" else use(ids=[BENCH_PRESS.id])

    newest, *_ = reading.get_history(EXERCISES, bench_press)
    assert {*by_id.values(), *by_name.values()} == {bench_press}
    assert [(exercise["deleted"], exercise["version"]) for exercise in own()] == [(False, 4), (False, 1)]
    assert (newest.version_number, newest.change_type, newest.notes) == (4, "edit", "Pause")


def test_an_id_that_is_unknown_deleted_or_somebody_elses_is_not_found_and_leaves_nothing(app, alice, bob):
    with transaction(alice.user_id):
        _, by_name = use("Zercher Carry", "Old lift")
        delete(by_name["Old lift"])
        before = own()
    answers = []

    for person, exercise_id in (
        (alice, by_name["Old lift"]), (alice, uuid4()), (bob, by_name["Zercher Carry"]), (bob, by_name["Old lift"]),
    ):  # fmt: skip
        with pytest.raises(NotFound) as caught, transaction(person.user_id):
            use("Squat", ids=[BENCH_PRESS.id, exercise_id])
        answers.append(caught.value.detail)

    assert answers == ["Exercise not found"] * 4
    with transaction(alice.user_id):
        assert own() == before
    with transaction(bob.user_id):
        assert own() == []


def test_everybody_has_copies_of_their_own(app, alice, bob):
    for person in (alice, bob):
        with transaction(person.user_id):
            use("Squat", "Zercher Carry", ids=[BENCH_PRESS.id])

    with transaction(alice.user_id):
        alices = own()
        rename(alices[0]["id"], "My bench")
    with transaction(bob.user_id):
        bobs = own()

    assert [exercise["name"] for exercise in bobs] == ["Bench Press", "Squat", "Zercher Carry"]
    assert {exercise["id"] for exercise in alices} & {exercise["id"] for exercise in bobs} == set()


def test_of_nothing_comes_nothing(as_alice):
    assert use() == ({}, {})


def test_what_is_there_takes_one_statement_however_much_it_is_and_what_is_missing_a_handful(as_alice, statements):
    names = [f"Lift {number}" for number in range(300)] + [exercise.name for exercise in CATALOG]
    ids = [exercise.id for exercise in CATALOG]

    statements.clear()
    first = use(*names, ids=ids)
    making = len(statements)
    statements.clear()
    second = use(*names, ids=ids)

    assert first == second
    assert len(own()) == len(set(first[1].values())) == len(names)
    assert making == 6
    assert len([statement for statement in statements if "FROM exercises\n        WHERE" not in statement]) == 1


def test_a_revert_takes_exercises_back_but_leaves_those_that_workouts_have(app, alice, owner):
    with transaction(alice.user_id):
        _, by_name = use("Used", "Unused", "Edited")
        changeset_id = changesets.create_changeset("import")
        change = Change("alice", changeset_id=changeset_id)
        versions.edit(EXERCISES, by_name["Edited"], {"notes": "New"}, change)
    owner.execute("UPDATE exercises_history SET changeset_id = %s WHERE name IN ('Used', 'Unused')", [changeset_id])
    workout = [alice.user_id, uuid4()]
    owner.execute(
        "INSERT INTO workouts (user_id, id, workout_type, start_ts) VALUES (%s, %s, 'STRENGTH', now())", workout
    )
    owner.execute(
        """
        INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order)
        VALUES (%s, %s, %s, 1)
        """,
        [*workout, by_name["Used"]],
    )

    with transaction(alice.user_id):
        reverted = undoing.revert_changeset(changeset_id, actor="alice")
        left = {exercise["name"]: (exercise["deleted"], exercise["version"]) for exercise in own()}

    assert left == {"Edited": (False, 3), "Unused": (True, 2), "Used": (False, 1)}
    assert (reverted.reverted, [kept["detail"] for kept in reverted.problems]) == (2, ["Still in use"])


def at_once(settings, person, *requests):
    """Let each of the requests' (names, ids) be used in a transaction of its own, all at the same time."""
    open_pool(settings.database_url, size=len(requests), timeout_seconds=30, statement_timeout_seconds=30)

    def one(names, ids):
        with transaction(person.user_id):
            return use(*names, ids=ids)

    with ThreadPoolExecutor(len(requests)) as pool:
        return [future.result() for future in [pool.submit(one, *request) for request in requests]]


@pytest.mark.parametrize("name", ["Concurrency Bench", "Bench Press"])
def test_twenty_at_once_with_the_same_new_name_make_one_exercise(app, settings, alice, name):
    spellings = [name, name.upper(), f"  {name.lower()} "]

    answers = at_once(settings, alice, *[([spellings[number % 3]], []) for number in range(20)])

    with transaction(alice.user_id):
        (exercise,) = own()
        assert len(reading.get_history(EXERCISES, exercise["id"])) == 1
    assert {exercise_id for _, by_name in answers for exercise_id in by_name.values()} == {exercise["id"]}


def test_twenty_at_once_with_the_same_catalog_id_make_one_copy(app, settings, alice):
    answers = at_once(settings, alice, *[([], [BENCH_PRESS.id])] * 20)

    with transaction(alice.user_id):
        (exercise,) = own()
    assert answers == [({BENCH_PRESS.id: exercise["id"]}, {})] * 20


@pytest.mark.parametrize("deleted", [False, True])
def test_requests_with_crossing_names_do_not_lock_each_other_out(app, settings, alice, deleted):
    names = [f"Lift {number:03}" for number in range(200)]
    if deleted:
        with transaction(alice.user_id):
            use(*names)
            versions.write_all(EXERCISES, "deleted_at = now()", "true", Change("alice"))

    answers = at_once(settings, alice, *[(names, []), (names[::-1], [])] * 4)

    assert len({exercise_id for _, by_name in answers for exercise_id in by_name.values()}) == 200
    with transaction(alice.user_id):
        assert [exercise["version"] for exercise in own()] == [3 if deleted else 1] * 200
