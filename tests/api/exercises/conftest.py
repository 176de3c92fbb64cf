"""Exercises in use."""

import pytest

from fitness.db.connection import transaction
from fitness.db.exercises import use_exercises


@pytest.fixture
def use(app):
    """Use catalog exercises as a workout of the person does."""

    def use(person, *names):
        with transaction(person.user_id):
            _, by_name = use_exercises([], names, changed_by="alice")
        return [str(exercise_id) for exercise_id in by_name.values()]

    return use
