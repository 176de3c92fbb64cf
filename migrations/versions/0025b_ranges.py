"""What is written to the rows of people has instants, days, numbers and texts within ranges."""

from migrations import ranges

revision = "0025b"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ranges.add()


def downgrade() -> None:
    ranges.drop()
