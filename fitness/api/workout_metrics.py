"""Statistics of workouts: for all workouts, for one exercise, for rep sessions."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from fitness.auth import own_days, time_zone
from fitness.db import exercises, rep_metrics, workout_metrics
from fitness.db.days import Days
from fitness.db.exercises import OwnExercise
from fitness.errors import found
from fitness.schemas.base import page_of
from fitness.schemas.workout_metrics import (
    ExerciseStatsSchema,
    PerformedSetSchema,
    PerformedSetsQuery,
    RepsQuery,
    RepStatsSchema,
    StatsQuery,
    UserStatsSchema,
)
from fitness.web.blueprint import Blueprint, cursor_of, page

blp = Blueprint("metrics", __name__, url_prefix="", description="Statistics of your workouts")


@blp.route("/users/me/stats")
class UserStats(MethodView):
    @blp.arguments(StatsQuery, location="query")
    @blp.response(200, UserStatsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Get statistics of your workouts

        Counts finished workouts, of all time or of a range of local days. Warm-up sets never count. A record is the
        heaviest set with at least one repetition; pounds are converted to compare. Where weights are assistance, less
        is better. `reps` are the
        repetitions of sets, `counted_reps` those of the rep counter.
        """
        return workout_metrics.get_user_stats(Days(**own_days(query)))


def _exercise(exercise_id: UUID) -> OwnExercise:
    """Return one of the user's exercises, even if it is deleted, as workouts keep it."""
    return found(exercises.get_own_exercise_by_id(exercise_id, include_deleted=True), "Exercise")


@blp.route("/exercises/<uuid:exercise_id>/stats")
class ExerciseStats(MethodView):
    @blp.arguments(StatsQuery, location="query")
    @blp.response(200, ExerciseStatsSchema)
    def get(self, query: dict[str, Any], exercise_id: UUID) -> Any:
        """Get statistics of one of your exercises

        Counts the sets of finished workouts, except warm-ups. The one-repetition maximum is estimated by the formula of
        Boyd Epley (1985): weight × (1 + reps / 30); for a single repetition it is the weight itself.
        """
        exercise = _exercise(exercise_id)
        stats = workout_metrics.get_exercise_stats(exercise_id, Days(**own_days(query)))
        return {"exercise_id": exercise.id, "name": exercise.name, **stats}


SETS_ORDER = "start_ts"


@blp.route("/exercises/<uuid:exercise_id>/sets")
class ExerciseSets(MethodView):
    @blp.arguments(PerformedSetsQuery, location="query")
    @blp.response(200, page_of(PerformedSetSchema))
    def get(self, query: dict[str, Any], exercise_id: UUID) -> Any:
        """List the sets of one of your exercises

        Sets of finished workouts, including warm-ups, newest workout first, in pages.
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
        """Get statistics of your rep sessions

        Counts the finished sessions of the latest local days, or of the days up to `end`: in total, by exercise and by
        day. With `start`, the days are those from the first session on or after it; `start=1900-01-01` counts all.
        """
        query.setdefault("time_zone", time_zone())
        return rep_metrics.get_rep_stats(**query)
