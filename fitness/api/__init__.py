"""Flask blueprints: HTTP only, one file a noun."""

from flask_smorest import Api

from fitness.api import (
    auth,
    calendar,
    changesets,
    connections,
    exercise_executions,
    exercises,
    google,
    health,
    hevy,
    mapmyfitness,
    metrics,
    runs,
    shoes,
    strava,
    workouts,
)

BLUEPRINTS = (
    auth.blp,
    auth.me_blp,
    google.blp,
    google.own_blp,
    runs.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    metrics.blp,
    mapmyfitness.blp,
    strava.blp,
    strava.webhook_blp,
    hevy.blp,
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
