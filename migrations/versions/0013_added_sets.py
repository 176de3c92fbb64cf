"""What was asked and answered when a set was added with a `client_uuid`, so that sending it again adds it once.

It stays when the set is deleted, replaced, or gone with a restored version.
"""

from alembic import op

from migrations.tenancy import protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE added_sets (
            user_id bigint NOT NULL,
            client_uuid uuid NOT NULL,
            request text NOT NULL,
            answer jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT added_sets_pkey PRIMARY KEY (user_id, client_uuid),
            CONSTRAINT added_sets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("added_sets", "SELECT, INSERT, UPDATE (answer, updated_at)")


def downgrade() -> None:
    op.execute("DROP TABLE added_sets")
