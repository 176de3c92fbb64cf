"""Flask blueprints: HTTP only, one file a noun."""

from flask_smorest import Api

from fitness.api import (
    account,
    api_tokens,
    archive,
    auth,
    calendar,
    changesets,
    connections,
    duplicates,
    exercise_executions,
    exercises,
    google,
    health,
    hevy,
    mapmyfitness,
    metrics,
    plan,
    planned_workouts,
    run_metrics,
    runs,
    selections,
    shoes,
    strava,
    timeline,
    training_load,
    trainingpeaks,
    workouts,
)

BLUEPRINTS = (
    auth.blp,
    google.blp,
    google.own_blp,
    account.blp,
    archive.blp,
    api_tokens.blp,
    runs.blp,
    duplicates.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    planned_workouts.blp,
    selections.blp,
    plan.blp,
    metrics.blp,
    run_metrics.blp,
    training_load.blp,
    timeline.blp,
    mapmyfitness.blp,
    strava.blp,
    strava.webhook_blp,
    hevy.blp,
    trainingpeaks.blp,
    connections.blp,
    connections.callback_blp,
    calendar.blp,
    changesets.blp,
    health.blp,
)


def register(api: Api) -> None:
    """Serve all nouns below /v1."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix}")
