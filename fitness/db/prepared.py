"""Which statements a connection has prepared, and whether their plans still fit their tables."""

from collections import Counter, OrderedDict

from psycopg import Connection, capabilities

from fitness.db.statements import Call, Key

PLAN_ANEW = "DISCARD PLANS"
_MOST_COUNTED = 1000
_GROWTH, _FEW_ROWS = 4, 50
"""By how many times the rows of a table must grow, and from how many on, for plans to be outgrown."""


class Prepared:
    """The statements that a connection has prepared: those that it runs often, unless a pooler forbids it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: OrderedDict[Key, bytes] = OrderedDict()
        self._uses: dict[Key, int] = {}
        self._named = 0

    def send(self, call: Call) -> bytes | None:
        """Return the name of a prepared statement, None if it has none; send what prepares it if it is worth that.

        What was not used longest is forgotten if there are many. The call says how many answers come before its own.
        """
        call.answers_before = 0
        name = self._names.get(call.key)
        if name is not None:
            self._names.move_to_end(call.key)
        elif self._is_worth_preparing(call):
            name = self._prepare(call)
        return name

    def forget(self, call: Call) -> None:
        """Forget a statement that could not be prepared."""
        self._names.pop(call.key, None)

    def _is_worth_preparing(self, call: Call) -> bool:
        threshold = self._connection.prepare_threshold
        if threshold is None or not call.statement.may_be_prepared:
            return False
        if len(self._uses) > _MOST_COUNTED:
            self._uses.clear()
        uses = self._uses[call.key] = self._uses.get(call.key, 0) + 1
        return uses > threshold

    def _prepare(self, call: Call) -> bytes | None:
        pgconn = self._connection.pgconn
        if len(self._names) >= (self._connection.prepared_max or 0):
            if not (self._names and capabilities.has_send_close_prepared()):
                return None
            pgconn.send_close_prepared(self._names.popitem(last=False)[1])
            call.answers_before += 1
        self._named += 1
        name = self._names[call.key] = b"fitness_%d" % self._named
        pgconn.send_prepare(name, *call.key)
        call.answers_before += 1
        return name


class Growth:
    """How many rows a connection has inserted since its statements were planned.

    Plans are kept while tables grow: one that was made while a table was empty, and known to be, reads all of it for
    each row.
    """

    def __init__(self) -> None:
        self.outgrows_plans = False
        self._inserted: Counter[str] = Counter()
        """Table → how many rows."""
        self._planned_for: Counter[str] = Counter()
        """The same, when statements were planned anew."""

    def note(self, call: Call) -> None:
        """Note the answer to a statement: it has inserted rows, or lets statements be planned anew."""
        table = call.statement.table
        if table is not None:
            self._inserted[table] += call.rows
            if self._inserted[table] >= _GROWTH * max(self._planned_for[table], _FEW_ROWS):
                self.outgrows_plans = True
        elif call.text == PLAN_ANEW:
            self._planned_for, self.outgrows_plans = self._inserted.copy(), False
