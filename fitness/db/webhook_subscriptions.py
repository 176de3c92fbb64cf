"""The webhooks that providers gave this server: one each, and nobody's, so system transactions look after them."""

from fitness.db.connection import execute, fetch_one


def get_subscription_id(provider: str) -> int | None:
    """Return what the provider calls the subscription, None when there is none."""
    return fetch_one(
        int, "SELECT subscription_id FROM webhook_subscriptions WHERE provider = %(provider)s", provider=provider
    )


def set_subscription_id(provider: str, subscription_id: int | None) -> None:
    """Remember a new subscription, or with None that there is none any more."""
    execute("DELETE FROM webhook_subscriptions WHERE provider = %(provider)s", provider=provider)
    if subscription_id is not None:
        execute(
            """
            INSERT INTO webhook_subscriptions (provider, subscription_id)
            VALUES (%(provider)s, %(subscription_id)s)
            """,
            provider=provider,
            subscription_id=subscription_id,
        )
