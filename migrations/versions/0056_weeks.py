"""On which day a person's weeks start, and how far they want to run in a week."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN week_start text NOT NULL DEFAULT 'monday'")
    op.execute("""
        ALTER TABLE users
        ADD CONSTRAINT users_week_start_check CHECK (week_start IN ('monday', 'sunday', 'saturday'))
    """)
    op.execute("ALTER TABLE users ADD COLUMN weekly_goal_miles double precision")
    op.execute("""
        ALTER TABLE users
        ADD CONSTRAINT users_weekly_goal_miles_check CHECK (weekly_goal_miles BETWEEN 0 AND 1000)
    """)
    op.execute("GRANT UPDATE (week_start, weekly_goal_miles) ON users TO fitness_app")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN week_start, DROP COLUMN weekly_goal_miles")
