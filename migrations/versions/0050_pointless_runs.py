"""Runs of which their provider has no points: it is not asked again."""

from alembic import op

from migrations.tenancy import user_table

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE pointless_runs (
            user_id bigint NOT NULL,
            run_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pointless_runs_pkey PRIMARY KEY (user_id, run_id),
            CONSTRAINT pointless_runs_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE
        )
    """)
    user_table("pointless_runs", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE pointless_runs")
