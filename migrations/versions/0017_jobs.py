"""Jobs: requests that the server does after it answered. Leases of work that one process does for all."""

from alembic import op

from migrations.tenancy import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE jobs (
            user_id bigint NOT NULL,
            job_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            path text NOT NULL,
            content_type text,
            found integer NOT NULL DEFAULT 0,
            attempts integer NOT NULL DEFAULT 0,
            lease_id uuid,
            lease_until timestamptz,
            started_at timestamptz,
            ended_at timestamptz,
            status smallint,
            result json,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT jobs_pkey PRIMARY KEY (user_id, job_id),
            CONSTRAINT jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT jobs_ended_at_check CHECK ((ended_at IS NULL) = (status IS NULL))
        )
    """)
    op.execute("CREATE INDEX jobs_unfinished_idx ON jobs (user_id, job_id) WHERE ended_at IS NULL")
    protect("jobs", "SELECT, INSERT, UPDATE")

    # The body of a job's request, in parts, so that a process never has the whole of it in memory.
    op.execute("""
        CREATE TABLE job_parts (
            user_id bigint NOT NULL,
            job_id bigint NOT NULL,
            part integer NOT NULL,
            content bytea NOT NULL,
            CONSTRAINT job_parts_pkey PRIMARY KEY (user_id, job_id, part),
            CONSTRAINT job_parts_job_id_fkey
                FOREIGN KEY (user_id, job_id) REFERENCES jobs (user_id, job_id) ON DELETE CASCADE
        )
    """)
    protect("job_parts", "SELECT, INSERT, DELETE")

    # Not user data: only the owner's role can access it.
    op.execute("""
        CREATE TABLE leases (
            name text NOT NULL,
            lease_id uuid NOT NULL,
            lease_until timestamptz NOT NULL,
            CONSTRAINT leases_pkey PRIMARY KEY (name)
        )
    """)

    op.execute("""
        ALTER TABLE sync_metadata
            ADD COLUMN ended_at timestamptz,
            ADD COLUMN deletes_refused boolean NOT NULL DEFAULT false
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE sync_metadata DROP COLUMN ended_at, DROP COLUMN deletes_refused")
    op.execute("DROP TABLE leases, job_parts, jobs")
