"""Flask blueprints: HTTP only, one file a noun."""

from flask_smorest import Api

from fitness.api import (
    auth,
    changesets,
    connections,
    exercise_executions,
    exercises,
    health,
    hevy,
    mapmyfitness,
    metrics,
    plan,
    planned_workouts,
    runs,
    selections,
    shoes,
    strava,
    trainingpeaks,
    workouts,
)

BLUEPRINTS = (
    auth.blp,
    auth.me_blp,
    runs.blp,
    shoes.blp,
    workouts.blp,
    exercise_executions.blp,
    exercises.blp,
    planned_workouts.blp,
    selections.blp,
    plan.blp,
    metrics.blp,
    mapmyfitness.blp,
    strava.blp,
    strava.webhook_blp,
    hevy.blp,
    trainingpeaks.blp,
    connections.blp,
    connections.callback_blp,
    changesets.blp,
    health.blp,
)


def register(api: Api) -> None:
    """Serve all nouns below /v1."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix}")
