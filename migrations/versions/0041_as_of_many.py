"""Where many records have changed since an instant, looking back reads all versions instead of looking up each."""

from migrations import as_of

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    as_of.drop_views()
    as_of.create_views(revision)


def downgrade() -> None:
    as_of.drop_views()
    as_of.create_views(down_revision)
