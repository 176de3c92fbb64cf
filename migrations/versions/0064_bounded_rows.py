"""Old results of jobs, and tokens that are no longer valid, are deleted when an account has too many of them.

Revision ID: 0064
Revises: 0063
"""

from alembic import op

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    op.execute("GRANT DELETE ON api_tokens TO fitness_app")
    op.execute("GRANT DELETE ON jobs TO fitness_app")


def downgrade() -> None:
    op.execute("REVOKE DELETE ON jobs FROM fitness_app")
    op.execute("REVOKE DELETE ON api_tokens FROM fitness_app")
