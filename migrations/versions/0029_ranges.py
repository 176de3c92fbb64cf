"""What is written to the rows of people has instants, days, numbers and texts within ranges."""

from migrations import ranges

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ranges.add()


def downgrade() -> None:
    ranges.drop()
