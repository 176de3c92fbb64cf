"""Webhook subscriptions of this server, one per provider. Not user data: use system transactions."""

from fitness.db.connection import execute, fetch_one


def get_subscription_id(provider: str) -> int | None:
    """Return the provider's id of the subscription, or None."""
    return fetch_one(
        int, "SELECT subscription_id FROM webhook_subscriptions WHERE provider = %(provider)s", provider=provider
    )


def set_subscription_id(provider: str, subscription_id: int | None) -> None:
    """Store the id of a new subscription; None deletes it."""
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
