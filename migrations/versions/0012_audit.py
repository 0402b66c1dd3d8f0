"""The audit trail, which is only ever added to."""

from alembic import op

from migrations.shape import document, key, moment, of_firm, words
from tenancy.row_security import append_only

revision = "0012_audit"
down_revision = "0011_notification_preferences"
branch_labels = None
depends_on = None

# A firm that is deleted takes its trail along.
_REFUSE = """
CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM firms WHERE id = OLD.firm_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'restrict_violation';
END $$
"""
_ROWS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()
"""
_WHOLE = """
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite()
"""
_SQLITE = {
    "audit_events_kept": "DELETE ON audit_events"
    " WHEN EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id)",
    "audit_events_as_written": "UPDATE ON audit_events",
}


def upgrade() -> None:
    of_firm(
        "audit_events",
        moment("at"),
        key("actor_id", null=True),
        key("action"),
        key("subject_id", null=True),
        document("changes", null=True),
        words("ip_address", null=True),
    )
    for column in ("subject_id", "actor_id", "action"):
        name = f"ix_audit_events_{column.removesuffix('_id')}"
        op.create_index(name, "audit_events", ["firm_id", column, "id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in (*append_only("audit_events"), _REFUSE, _ROWS, _WHOLE):
            op.execute(statement)
    else:
        for name, event in _SQLITE.items():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event}"
                " BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
            )


def downgrade() -> None:
    op.drop_table("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_to_rewrite()")
