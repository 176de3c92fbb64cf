"""Flask blueprints: HTTP only, one file a noun."""

from flask_smorest import Api

from fitness.api import (
    auth,
    changesets,
    connections,
    duplicates,
    exercise_executions,
    exercises,
    health,
    hevy,
    mapmyfitness,
    metrics,
    run_metrics,
    runs,
    shoes,
    strava,
    timeline,
    training_load,
    workouts,
)

BLUEPRINTS = (
    auth.blp,
    auth.me_blp,
    runs.blp,
    duplicates.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    metrics.blp,
    run_metrics.blp,
    training_load.blp,
    timeline.blp,
    mapmyfitness.blp,
    strava.blp,
    strava.webhook_blp,
    hevy.blp,
    connections.blp,
    connections.callback_blp,
    changesets.blp,
    health.blp,
)


def register(api: Api) -> None:
    """Serve all nouns below /v1."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix}")
