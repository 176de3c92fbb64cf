"""What looks back does not look up versions of records that were made later."""

from migrations import as_of

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    as_of.drop_views()
    as_of.create_views(revision)


def downgrade() -> None:
    as_of.drop_views()
    as_of.create_views(down_revision)
