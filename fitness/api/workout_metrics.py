"""Statistics of workouts: a person's, an exercise's, the rep counter's."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from fitness.auth import time_zone
from fitness.db import exercises, workout_metrics
from fitness.db.days import Days
from fitness.db.exercises import OwnExercise
from fitness.errors import found
from fitness.schemas.base import DaysQuery, PageQuery, page_of
from fitness.schemas.workout_metrics import (
    ExerciseStatsSchema,
    PerformedSetSchema,
    RepsQuery,
    RepStatsSchema,
    UserStatsSchema,
)
from fitness.web.blueprint import Blueprint, cursor_of, page

blp = Blueprint("metrics", __name__, url_prefix="", description="What your training adds up to")


def _days(query: dict[str, Any]) -> Days:
    query.setdefault("time_zone", time_zone())
    return Days(**query)


@blp.route("/users/me/stats")
class UserStats(MethodView):
    @blp.arguments(DaysQuery, location="query")
    @blp.response(200, UserStatsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Sum up your workouts

        Finished workouts count, of all time or of a range of local days; sets but for warm-ups, which are left out of
        every figure. A record is a set with at least one repetition of a weight; pounds and kilograms are compared
        with each other. `reps` are those of sets, `counted_reps` those of the rep counter.
        """
        return workout_metrics.get_user_stats(_days(query))


def _exercise(exercise_id: UUID) -> OwnExercise:
    """Return one of the user's exercises, be it deleted: workouts keep it."""
    return found(exercises.get_own_exercise_by_id(exercise_id, include_deleted=True), "Exercise")


@blp.route("/exercises/<uuid:exercise_id>/stats")
class ExerciseStats(MethodView):
    @blp.arguments(DaysQuery, location="query")
    @blp.response(200, ExerciseStatsSchema)
    def get(self, query: dict[str, Any], exercise_id: UUID) -> Any:
        """Sum up one of your exercises

        Of the sets in finished workouts, but for warm-ups. The weight that could be lifted once is estimated by the
        formula of Boyd Epley (1985): weight × (1 + reps / 30), and for a single repetition the weight itself.
        """
        exercise = _exercise(exercise_id)
        stats = workout_metrics.get_exercise_stats(exercise_id, _days(query))
        return {"exercise_id": exercise.id, "name": exercise.name, **stats}


SETS_ORDER = "start_ts"


@blp.route("/exercises/<uuid:exercise_id>/sets")
class ExerciseSets(MethodView):
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(PerformedSetSchema))
    def get(self, query: dict[str, Any], exercise_id: UUID) -> Any:
        """List the sets of one of your exercises

        Warm-ups too, of finished workouts, the newest workout first, a page at a time.
        """
        _exercise(exercise_id)
        after = cursor_of(query.get("cursor"), SETS_ORDER)
        items, following = workout_metrics.list_sets(exercise_id, limit=query["limit"], after=after)
        return page(items, following and following.encode(SETS_ORDER))


@blp.route("/metrics/reps")
class Reps(MethodView):
    @blp.arguments(RepsQuery, location="query")
    @blp.response(200, RepStatsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Sum up your rep sessions

        Of the finished ones of the latest local days, in all, by exercise and by day.
        """
        query.setdefault("time_zone", time_zone())
        return workout_metrics.get_rep_stats(query.pop("days"), **query)
