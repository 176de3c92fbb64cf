"""Rows of before are within the ranges too; those that are not are reported, and stay as they are.

A migration of its own, as the one before locks the tables: this one only reads them.
"""

from migrations import ranges

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ranges.validate()


def downgrade() -> None:
    ranges.drop()
    ranges.add()
