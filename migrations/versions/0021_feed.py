"""The feed of changes: a counter of each user's writes, and the position of each transaction that stored versions.

All versions of before come first in the feed, as one write.
"""

from alembic import op

from migrations.tenancy import protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

HISTORIES = {
    "shoes": "shoes_history",
    "runs": "runs_history",
    "exercises": "exercises_history",
    "workouts": "workouts_history",
    "planned-workouts": "planned_workouts_history",
}


def upgrade() -> None:
    op.execute("""
        CREATE TABLE change_counters (
            user_id bigint NOT NULL,
            position bigint NOT NULL DEFAULT 0,
            epoch bigint NOT NULL DEFAULT 0,
            CONSTRAINT change_counters_pkey PRIMARY KEY (user_id),
            CONSTRAINT change_counters_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("change_counters", "SELECT, INSERT, UPDATE")
    # A backup of before that is restored brings no epochs: what clients know of the database that it replaced must not
    # hold, also if the restore is killed before it begins one.
    op.execute("""
        INSERT INTO change_counters (user_id, epoch)
        SELECT user_id, floor(random() * 2 ^ 62)::bigint + 1
        FROM users
    """)
    # Without a foreign key, which would be checked at every edit; the counter's row is there and locked.
    op.execute("""
        CREATE TABLE writes (
            user_id bigint NOT NULL,
            position bigint NOT NULL,
            noun text COLLATE "C" NOT NULL,
            write_id bigint NOT NULL,
            first_id bigint NOT NULL DEFAULT 0,
            last_id bigint NOT NULL DEFAULT 0,
            versions bigint NOT NULL DEFAULT 0,
            CONSTRAINT writes_pkey PRIMARY KEY (user_id, position, noun),
            CONSTRAINT writes_position_check CHECK (position BETWEEN 0 AND 1000000000000000)
        )
    """)
    protect("writes", "SELECT, INSERT, UPDATE")
    for noun, history in HISTORIES.items():
        op.execute(f"ALTER TABLE {history} ADD COLUMN write_id bigint NOT NULL DEFAULT 0")
        op.execute(f"""
            INSERT INTO writes (user_id, position, noun, write_id, first_id, last_id, versions)
            SELECT user_id, 0, '{noun}', 0, min(history_id), max(history_id), count(*)
            FROM {history}
            GROUP BY user_id
        """)
    # Edits of a live workout move its newest version to a new place.
    op.execute("GRANT UPDATE (write_id) ON workouts_history TO fitness_app")


def downgrade() -> None:
    for history in HISTORIES.values():
        op.execute(f"ALTER TABLE {history} DROP COLUMN write_id")
    op.execute("DROP TABLE writes")
    op.execute("DROP TABLE change_counters")
