"""How far a sync has read a list that has pages, and whether what it brought was reverted while it ran."""

from alembic import op

from migrations.ranges import INSTANT

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sync_metadata ADD COLUMN list_began_at timestamptz")
    op.execute(f"""
        ALTER TABLE sync_metadata
        ADD CONSTRAINT sync_metadata_list_began_at_range CHECK ({INSTANT.format("list_began_at")})
    """)
    op.execute("ALTER TABLE sync_metadata ADD COLUMN next_page integer")
    op.execute("""
        ALTER TABLE sync_metadata
        ADD CONSTRAINT sync_metadata_next_page_check CHECK (next_page BETWEEN 2 AND 1000000)
    """)
    op.execute("ALTER TABLE sync_metadata ADD COLUMN turned_back boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE sync_metadata DROP COLUMN list_began_at, DROP COLUMN next_page, DROP COLUMN turned_back")
