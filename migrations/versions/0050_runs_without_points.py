"""Runs of which their provider has no points: it is not asked again."""

from alembic import op

from migrations.tenancy import user_table

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE runs_without_points (
            user_id bigint NOT NULL,
            run_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT runs_without_points_pkey PRIMARY KEY (user_id, run_id),
            CONSTRAINT runs_without_points_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE
        )
    """)
    user_table("runs_without_points", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE runs_without_points")
