"""Flask blueprints: HTTP only, one file a noun."""

from flask_smorest import Api

from fitness.api import (
    account,
    api_tokens,
    archive,
    auth,
    changesets,
    exercise_executions,
    exercises,
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
    account.blp,
    archive.blp,
    api_tokens.blp,
    runs.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    metrics.blp,
    mapmyfitness.blp,
    strava.blp,
    hevy.blp,
    changesets.blp,
    health.blp,
)


def register(api: Api) -> None:
    """Serve all nouns below /v1."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix}")
