"""A decision about a conflict with a provider is a changeset, so that a revert brings the conflict back."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

KINDS = "'import', 'sync', 'bulk_edit', 'merge', 'separation', 'revert', 'rewind'"


def upgrade() -> None:
    _limit_kinds(f"{KINDS}, 'decision'")


def _limit_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE changesets DROP CONSTRAINT changesets_kind_check")
    op.execute(f"ALTER TABLE changesets ADD CONSTRAINT changesets_kind_check CHECK (kind IN ({kinds}))")


def downgrade() -> None:
    # To a version before, it is an edit of one record, which can be reverted likewise.
    op.execute("UPDATE changesets SET kind = 'bulk_edit' WHERE kind = 'decision'")
    _limit_kinds(KINDS)
