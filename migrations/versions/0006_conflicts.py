"""The last values that providers sent for each run, and their conflicts with users' edits."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE runs ADD COLUMN conflicts jsonb")
    # The first version of an imported run has the provider's values.
    op.execute("""
        UPDATE runs AS r
        SET provider_values = jsonb_build_object(
            'datetime_utc', h.datetime_utc, 'type', h.type, 'distance', h.distance, 'duration', h.duration,
            'avg_heart_rate', h.avg_heart_rate, 'shoe_id', h.shoe_id, 'name', h.name, 'notes', h.notes
        )
        FROM runs_history AS h
        WHERE h.user_id = r.user_id
          AND h.run_id = r.id
          AND h.version_number = 1
          AND r.source <> 'Manual'
          AND r.provider_values IS NULL
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE runs DROP COLUMN conflicts")
