"""Workouts below HTTP: what a changeset did to them can be taken back with all that was done in them."""

from typing import Any

import pytest

from fitness.db import workout_sessions, workouts, workouts_create
from fitness.db.connection import transaction
from fitness.db.history import changesets, reading, versions
from fitness.db.history.versions import Change
from fitness.db.workouts import WORKOUTS
from fitness.sync import undoing


@pytest.fixture
def cardio(alice) -> workouts_create.Stored:
    session = {"distance_miles": 3.1, "duration_seconds": 1800.0}
    workout = {"workout_type": "CARDIO", "title": "Rowing", "cardio_session": session}
    with transaction(alice.user_id):
        return workouts_create.create_workout(workout, changed_by="alice", client_request="")


def import_into(workout_id, **session: Any) -> int:
    """Change a workout as an import does; return the changeset."""
    changeset_id = changesets.create_changeset("import", actor="hevy")
    versions.edit(
        WORKOUTS,
        workout_id,
        {"title": "From Hevy"},
        Change("hevy", None, changeset_id),
        write_parts=lambda row: workout_sessions.write_session(row.id, "cardio_session", session),
    )
    return changeset_id


def test_a_revert_puts_back_what_was_done_in_a_workout(alice, cardio):
    with transaction(alice.user_id):
        changeset_id = import_into(cardio.workout_id, distance_miles=9.9)
        imported = workouts.get_workout_by_id(cardio.workout_id)

    with transaction(alice.user_id):
        reverted = undoing.revert_changeset(changeset_id, actor="alice")
        workout = workouts.get_workout_by_id(cardio.workout_id)

    assert imported and imported.cardio_session and imported.cardio_session["distance_miles"] == 9.9
    assert workout and workout.cardio_session and workout.cardio_session["distance_miles"] == 3.1
    assert (workout.title, workout.version, reverted.reverted) == ("Rowing", 3, 1)


def test_a_revert_leaves_the_title_that_was_changed_since_and_puts_back_what_was_done(alice, cardio):
    with transaction(alice.user_id):
        changeset_id = import_into(cardio.workout_id, distance_miles=9.9)
        workouts.update_workout(cardio.workout_id, {"title": "Mine"}, changed_by="alice")

    with transaction(alice.user_id):
        reverted = undoing.revert_changeset(changeset_id, actor="alice")
        workout = workouts.get_workout_by_id(cardio.workout_id)

    assert [(kept["id"], kept["fields"]) for kept in reverted.problems] == [(str(cardio.workout_id), ["title"])]
    assert workout and workout.cardio_session and (workout.title, workout.version) == ("Mine", 4)
    assert workout.cardio_session["distance_miles"] == 3.1


def test_an_edit_by_somebody_else_makes_a_version_of_its_own_in_a_live_session(alice):
    with transaction(alice.user_id):
        opened = {"workout_type": "STRENGTH", "in_progress": True}
        workout_id = workouts_create.create_workout(opened, changed_by="alice", client_request="").workout_id

        for title, actor in (("A", "alice"), ("B", "alice"), ("C", "hevy"), ("D", "hevy"), ("E", "alice")):
            workouts.update_workout(workout_id, {"title": title}, changed_by=actor)
        history = reading.get_history(WORKOUTS, workout_id)

    assert [(version.version_number, version.title, version.changed_by) for version in history] == [
        (4, "E", "alice"),
        (3, "D", "hevy"),
        (2, "B", "alice"),
        (1, None, "alice"),
    ]
