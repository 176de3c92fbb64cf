"""Webhook subscriptions of this server, one per provider. Not user data: use system transactions."""

from dataclasses import dataclass

from fitness.db.connection import execute, fetch_one


@dataclass(frozen=True, slots=True)
class Subscription:
    """The provider's id of a subscription, and the digest of the secret in its address; None: it has no secret."""

    subscription_id: int
    secret_hash: str | None


def get_subscription(provider: str) -> Subscription | None:
    """Return the subscription, or None."""
    return fetch_one(
        Subscription,
        "SELECT subscription_id, secret_hash FROM webhook_subscriptions WHERE provider = %(provider)s",
        provider=provider,
    )


def set_subscription(provider: str, subscription: Subscription | None) -> None:
    """Store a new subscription; None deletes it."""
    execute("DELETE FROM webhook_subscriptions WHERE provider = %(provider)s", provider=provider)
    if subscription is not None:
        execute(
            """
            INSERT INTO webhook_subscriptions (provider, subscription_id, secret_hash)
            VALUES (%(provider)s, %(subscription_id)s, %(secret_hash)s)
            """,
            provider=provider,
            subscription_id=subscription.subscription_id,
            secret_hash=subscription.secret_hash,
        )
