"""E-mail addresses that look alike belong to one account; invitations to sign up.

`address_key` is what such addresses have in common: in lower case, in compatible characters, without invisible ones,
and with the letters of the Latin alphabet in place of those that look like them.
"""

from alembic import op
from sqlalchemy import text

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E"
    r"\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF]"
)
LOOK_ALIKES = (
    # other Latin letters, Greek, Cyrillic, Armenian; the capitals too, as in the locale C only ASCII has lower case
    ("ıɑɡɪʏᴄᴏᴜᴠᴡᴢ", "iagiycouvwz"),
    ("αγινορσυϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ayivopoujabezhikmnoptyx"),
    ("аеорсухѕіјѵүһӏԁԛԝАВЕКМНОРСТУХЅІЈԚԜҺҮ", "aeopcyxsijvyhldqwabekmhopctyxsijqwhy"),
    ("սօհո", "uohn"),
)


def upgrade() -> None:
    like, latin = ("".join(letters) for letters in zip(*LOOK_ALIKES, strict=True))
    op.get_bind().exec_driver_sql(f"""
        CREATE FUNCTION address_key(address text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN lower(translate(normalize(regexp_replace(address, '{INVISIBLE}', '', 'g'), NFKC), '{like}', '{latin}'))
    """)
    _refuse_if_two_accounts_share_an_address()
    op.execute("DROP INDEX users_email_lower_key")
    op.execute("CREATE UNIQUE INDEX users_email_key ON users (address_key(email))")
    # Like login_codes, not user data: only the owner's role can access them.
    op.execute("""
        CREATE TABLE invitations (
            code_hash text NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT invitations_pkey PRIMARY KEY (code_hash)
        )
    """)


def _refuse_if_two_accounts_share_an_address() -> None:
    """Raise an error that names the accounts whose addresses look alike; the operator has to change one of them."""
    alike = text("""
        SELECT string_agg(CAST(user_id AS text), ', ')
        FROM users
        GROUP BY address_key(email)
        HAVING count(*) > 1
    """)
    accounts = op.get_bind().execute(alike).scalars().all()
    if accounts:
        raise RuntimeError(
            "The e-mail addresses of these accounts look alike, so change or delete all but one of each group: "
            + "; ".join(accounts)
        )


def downgrade() -> None:
    op.execute("DROP TABLE invitations")
    op.execute("DROP INDEX users_email_key")
    op.execute("CREATE UNIQUE INDEX users_email_lower_key ON users (lower(email))")
    op.execute("DROP FUNCTION address_key")
