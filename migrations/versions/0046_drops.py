"""Drops: imports of many files, which are sent one by one; answers to questions of files, remembered by kind."""

from alembic import op

from migrations.ranges import INSTANT
from migrations.tenancy import user_table

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE drops (
            user_id bigint NOT NULL,
            import_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            state text NOT NULL DEFAULT 'open',
            changeset_id bigint,
            counts jsonb NOT NULL DEFAULT '{}',
            answers jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT drops_pkey PRIMARY KEY (user_id, import_id),
            CONSTRAINT drops_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT drops_state_check CHECK (state IN ('open', 'loading', 'asking', 'done'))
        )
    """)
    user_table("drops", "SELECT, INSERT, UPDATE, DELETE", names_user=True)

    # A file that lies in a ZIP of the drop names that as its container, and has no hash. `role` says whether a file is
    # looked at by itself, is or lists a whole export, or is a ZIP whose files have rows of their own. Of an export,
    # so many records were `taken`.
    op.execute("""
        CREATE TABLE drop_files (
            user_id bigint NOT NULL,
            import_id bigint NOT NULL,
            number integer NOT NULL,
            container integer,
            role text NOT NULL DEFAULT 'new',
            taken integer NOT NULL DEFAULT 0,
            sha256 text,
            name text NOT NULL,
            size bigint NOT NULL,
            received bigint NOT NULL DEFAULT 0,
            state text NOT NULL DEFAULT 'incomplete',
            outcome jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT drop_files_pkey PRIMARY KEY (user_id, import_id, number),
            CONSTRAINT drop_files_user_id_import_id_sha256_key UNIQUE (user_id, import_id, sha256),
            CONSTRAINT drop_files_import_id_fkey
                FOREIGN KEY (user_id, import_id) REFERENCES drops (user_id, import_id) ON DELETE CASCADE,
            CONSTRAINT drop_files_role_check CHECK (role IN ('new', 'file', 'export', 'archive')),
            CONSTRAINT drop_files_state_check
                CHECK (state IN ('incomplete', 'waiting', 'asked', 'loaded', 'refused')),
            CONSTRAINT drop_files_sha256_range CHECK (char_length(sha256) = 64),
            CONSTRAINT drop_files_name_range CHECK (char_length(name) BETWEEN 1 AND 1000),
            CONSTRAINT drop_files_size_range CHECK (size >= 0)
        )
    """)
    user_table("drop_files", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE drop_pieces (
            user_id bigint NOT NULL,
            import_id bigint NOT NULL,
            number integer NOT NULL,
            first_byte bigint NOT NULL,
            size integer NOT NULL,
            content bytea NOT NULL,
            CONSTRAINT drop_pieces_pkey PRIMARY KEY (user_id, import_id, number, first_byte),
            CONSTRAINT drop_pieces_number_fkey
                FOREIGN KEY (user_id, import_id, number) REFERENCES drop_files (user_id, import_id, number)
                ON DELETE CASCADE
        )
    """)
    user_table("drop_pieces", "SELECT, INSERT, UPDATE, DELETE")

    op.execute(f"""
        CREATE TABLE import_answers (
            user_id bigint NOT NULL,
            kind text NOT NULL,
            answers jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT import_answers_pkey PRIMARY KEY (user_id, kind),
            CONSTRAINT import_answers_kind_range CHECK (char_length(kind) BETWEEN 1 AND 100),
            CONSTRAINT import_answers_created_at_range CHECK ({INSTANT.format("created_at")}),
            CONSTRAINT import_answers_updated_at_range CHECK ({INSTANT.format("updated_at")})
        )
    """)
    user_table("import_answers", "SELECT, INSERT, UPDATE", names_user=True)


def downgrade() -> None:
    op.execute("DROP TABLE import_answers, drop_pieces, drop_files, drops")
