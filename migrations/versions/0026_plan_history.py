"""The selection and the link of a planned workout become columns of it, so that its versions have them.

What a person had selected and linked becomes a version of each planned workout: older versions stay as they are. The
tables `workout_selections` and `plan_links` stay for the release that still runs, and for archives of before.
"""

from alembic import op

from migrations import as_of

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SELECTION = "is_selected, current_plan_day, time_of_day, workout_location, user_notes"
LINK = "run_id, workout_id"
COLUMNS = """
    ADD COLUMN is_selected boolean NOT NULL DEFAULT true,
    ADD COLUMN current_plan_day date,
    ADD COLUMN time_of_day text,
    ADD COLUMN workout_location text,
    ADD COLUMN user_notes text,
    ADD COLUMN run_id text,
    ADD COLUMN workout_id uuid
"""
VALUES = """
    title, workout_type, description, originally_planned_day, planned_duration_hours, planned_distance_meters,
    coach_comments, tss, intensity_factor, is_custom, duplicate_of
"""
WRITE_ID = -26
"""The number of the versions that this migration makes; the program itself uses positive ones."""


def upgrade() -> None:
    as_of.drop_views()
    op.execute(f"""
        ALTER TABLE planned_workouts {COLUMNS},
        ADD CONSTRAINT planned_workouts_run_id_fkey FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id),
        ADD CONSTRAINT planned_workouts_workout_id_fkey
            FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id),
        ADD CONSTRAINT planned_workouts_done_check CHECK (num_nonnulls(run_id, workout_id) <= 1)
    """)
    op.execute(f"ALTER TABLE planned_workouts_history {COLUMNS}")
    for column in LINK.split(", "):
        op.execute(f"""
            CREATE INDEX planned_workouts_{column}_idx ON planned_workouts (user_id, {column})
            WHERE {column} IS NOT NULL
        """)
    _copy_rows()
    _store_versions()
    as_of.create_views(revision)


def _copy_rows() -> None:
    op.execute(f"""
        UPDATE planned_workouts AS r
        SET ({SELECTION}) = (s.is_selected, s.current_plan_day, s.time_of_day, s.workout_location, s.user_notes)
        FROM workout_selections AS s
        WHERE s.user_id = r.user_id
          AND s.workout_id = r.id
    """)
    op.execute(f"""
        UPDATE planned_workouts AS r
        SET ({LINK}) = (l.run_id, l.workout_id)
        FROM plan_links AS l
        WHERE l.user_id = r.user_id
          AND l.planned_workout_id = r.id
    """)


def _store_versions() -> None:
    """Store a version of each planned workout that had rows, and give these versions their place in the feed."""
    op.execute(f"""
        WITH written AS (
            UPDATE planned_workouts AS r
            SET version = r.version + 1, last_edited_at = greatest(now(), r.last_edited_at, r.created_at),
                last_edited_by = NULL, updated_at = now()
            WHERE EXISTS (SELECT FROM workout_selections AS s WHERE s.user_id = r.user_id AND s.workout_id = r.id)
               OR EXISTS (SELECT FROM plan_links AS l WHERE l.user_id = r.user_id AND l.planned_workout_id = r.id)
            RETURNING *
        )
        INSERT INTO planned_workouts_history (
            user_id, planned_workout_id, version_number, change_type, {VALUES}, {SELECTION}, {LINK}, changed_at,
            change_reason, write_id
        )
        SELECT user_id, id, version, CASE WHEN deleted_at IS NULL THEN 'edit' ELSE 'deletion' END, {VALUES},
            {SELECTION}, {LINK}, last_edited_at, 'Selection and link of before they had versions', {WRITE_ID}
        FROM written
        ORDER BY user_id, id
    """)
    op.execute(f"""
        INSERT INTO change_counters AS c (user_id, position)
        SELECT DISTINCT user_id, 1
        FROM planned_workouts_history
        WHERE write_id = {WRITE_ID}
        ON CONFLICT (user_id) DO UPDATE SET position = c.position + 1
    """)
    op.execute(f"""
        INSERT INTO writes (user_id, position, noun, write_id, first_id, last_id, versions)
        SELECT c.user_id, c.position, 'planned-workouts', {WRITE_ID}, min(h.history_id), max(h.history_id), count(*)
        FROM planned_workouts_history AS h
        JOIN change_counters AS c
          ON c.user_id = h.user_id
        WHERE h.write_id = {WRITE_ID}
        GROUP BY c.user_id
    """)


def downgrade() -> None:
    op.execute("DELETE FROM workout_selections")
    op.execute("DELETE FROM plan_links")
    op.execute(f"""
        INSERT INTO workout_selections (user_id, workout_id, {SELECTION})
        SELECT user_id, id, {SELECTION}
        FROM planned_workouts
        WHERE NOT is_selected
           OR num_nonnulls(current_plan_day, time_of_day, workout_location, user_notes) > 0
    """)
    # Of several with one run or workout, only one is not deleted.
    op.execute(f"""
        INSERT INTO plan_links (user_id, planned_workout_id, {LINK})
        SELECT user_id, id, {LINK}
        FROM planned_workouts
        WHERE num_nonnulls({LINK}) > 0
        ORDER BY deleted_at IS NOT NULL, id
        ON CONFLICT DO NOTHING
    """)
    as_of.drop_views()
    dropped = ", ".join(f"DROP COLUMN {name}" for name in f"{SELECTION}, {LINK}".split(", "))
    for table in ("planned_workouts_history", "planned_workouts"):
        op.execute(f"ALTER TABLE {table} {dropped}")
    as_of.create_views(down_revision)
