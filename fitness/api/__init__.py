"""Flask blueprints: HTTP only, one file per noun."""

from flask_smorest import Api

from fitness.api import (
    account,
    api_tokens,
    archive,
    auth,
    bookmarks,
    calendar,
    changes,
    changesets,
    conflicts,
    connections,
    duplicates,
    exercise_executions,
    exercises,
    google_login,
    health,
    hevy,
    imports,
    inbox,
    jobs,
    mapmyfitness,
    plan,
    planned_workouts,
    run_metrics,
    runs,
    selections,
    sessions,
    shoes,
    strava,
    timeline,
    today,
    training_load,
    trainingpeaks,
    workout_metrics,
    workouts,
)
from fitness.web.history import require_histories

BLUEPRINTS = (
    auth.blp,
    google_login.blp,
    google_login.own_blp,
    account.blp,
    archive.blp,
    api_tokens.blp,
    sessions.blp,
    runs.blp,
    duplicates.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    planned_workouts.blp,
    selections.blp,
    plan.blp,
    workout_metrics.blp,
    run_metrics.blp,
    training_load.blp,
    timeline.blp,
    today.blp,
    imports.blp,
    jobs.blp,
    mapmyfitness.blp,
    strava.blp,
    strava.webhook_blp,
    hevy.blp,
    trainingpeaks.blp,
    connections.blp,
    connections.callback_blp,
    calendar.blp,
    changes.blp,
    changesets.blp,
    conflicts.blp,
    inbox.blp,
    bookmarks.blp,
    bookmarks.rewind_blp,
    health.blp,
)


def register(api: Api) -> None:
    """Register all blueprints under /v1."""
    require_histories()
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix}")
