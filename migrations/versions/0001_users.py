"""The role that requests use, users, refresh tokens and rate limits."""

from alembic import op

from migrations.tenancy import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Roles belong to the whole server, so another database may have created this one already; downgrade keeps it. Since
    # PostgreSQL 16, creating a role does not allow SET ROLE to it: grant that. Trying it out would fail in a Citus
    # cluster, whose workers try it as well.
    op.execute("""
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fitness_app') THEN
                BEGIN
                    CREATE ROLE fitness_app NOLOGIN;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN
                    NULL;
                END;
            END IF;
            IF NOT pg_has_role(
                current_user,
                'fitness_app',
                CASE WHEN CAST(current_setting('server_version_num') AS int) >= 160000 THEN 'SET' ELSE 'MEMBER' END
            ) THEN
                EXECUTE format('GRANT fitness_app TO %I', current_user);
            END IF;
        END
        $$
    """)
    op.execute("GRANT USAGE ON SCHEMA public TO fitness_app")
    op.execute("""
        CREATE TABLE users (
            user_id bigint GENERATED ALWAYS AS IDENTITY,
            email text NOT NULL,
            username text,
            name text NOT NULL,
            hashed_password text,
            google_id text,
            profile_image_url text,
            birth_year smallint,
            birth_month smallint,
            sex text,
            time_zone text,
            max_heart_rate smallint,
            resting_heart_rate smallint,
            lactate_threshold_heart_rate smallint,
            is_active boolean NOT NULL DEFAULT true,
            is_admin boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT users_pkey PRIMARY KEY (user_id),
            CONSTRAINT users_google_id_key UNIQUE (google_id),
            CONSTRAINT users_username_check CHECK (username ~ '^[A-Za-z0-9_-]{3,50}$'),
            CONSTRAINT users_birth_year_check CHECK (birth_year BETWEEN 1900 AND 2100),
            CONSTRAINT users_birth_month_check CHECK (birth_month BETWEEN 1 AND 12),
            CONSTRAINT users_sex_check CHECK (sex IN ('female', 'male')),
            CONSTRAINT users_max_heart_rate_check CHECK (max_heart_rate BETWEEN 60 AND 250),
            CONSTRAINT users_resting_heart_rate_check CHECK (resting_heart_rate BETWEEN 20 AND 150),
            CONSTRAINT users_lactate_threshold_heart_rate_check
                CHECK (lactate_threshold_heart_rate BETWEEN 60 AND 250),
            CONSTRAINT users_heart_rates_order_check CHECK (resting_heart_rate < max_heart_rate)
        )
    """)
    op.execute("CREATE UNIQUE INDEX users_email_lower_key ON users (lower(email))")
    op.execute("CREATE UNIQUE INDEX users_username_lower_key ON users (lower(username))")
    # Requests may change these columns, but not the password, the e-mail address or is_admin.
    protect(
        "users",
        "SELECT, UPDATE (name, username, profile_image_url, birth_year, birth_month, sex, time_zone, max_heart_rate,"
        " resting_heart_rate, lactate_threshold_heart_rate, updated_at)",
    )

    op.execute("""
        CREATE TABLE refresh_tokens (
            user_id bigint NOT NULL,
            token_hash text NOT NULL,
            family_id uuid NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            revoked_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT refresh_tokens_pkey PRIMARY KEY (user_id, token_hash),
            CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX refresh_tokens_family_id_idx ON refresh_tokens (user_id, family_id)")
    protect("refresh_tokens", "SELECT, INSERT, UPDATE, DELETE")

    # Counters of attempts, not user data: only the owner's role can access them.
    op.execute("""
        CREATE TABLE rate_limits (
            key text NOT NULL,
            count integer NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
        )
    """)
    op.execute("CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at)")


def downgrade() -> None:
    op.execute("DROP TABLE rate_limits, refresh_tokens, users")
    op.execute("REVOKE USAGE ON SCHEMA public FROM fitness_app")
