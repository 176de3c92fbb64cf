"""The rules of a database that is sharded by user, and a check that a statement keeps them.

Every statement on rows of users names the user, so that one shard answers it, and has nothing that a sharded database
refuses. `fitness/db/` says the rules where a statement follows one; here they are checked for all statements that the
tests run. One more rule holds for any database: the driver sends a number with the smallest type that holds it, so that
a sum of two parameters needs a type.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from pglast.parser import parse_sql_json

from fitness.db.account_tables import LEFT_OUT, TABLES

Node = dict[str, Any]

NO_USER = "{0} lacks user_id = %(user_id)s"
USER_OTHERWISE = "user_id stands in OR, IN, or another comparison than ="
INSERTS_NO_USER = "the row of {0} has no user_id from a parameter or a row of the user"
VOLATILE = "{0}() is volatile"
IN_CASE = "{0} is not immutable, and stands in CASE or COALESCE"
CASE_OF = "CASE compares a value with others: CASE WHEN value = other is meant"
OVER_COLUMN = "{0} is not immutable, and has a column as argument"
IN_RETURNING = "{0} is not immutable, and stands in RETURNING"
ON_CONFLICT = "{0} is not immutable, and stands in ON CONFLICT"
IN_VALUES = "a subquery stands in an INSERT of values"
COPIES = "an INSERT of a SELECT has neither RETURNING nor ON CONFLICT, so that its rows are copied"
NUMBERED_THERE = "an INSERT of a SELECT from tables of users outside WITH would be numbered by a worker"
MERGES = "MERGE"
WRITES_IN_CTE = "a WITH query writes"
CHANGES_USER = "user_id is changed"
NO_TYPE = "a parameter without a type is combined with another one, or a constant: small numbers are smallint"
NO_COLUMNS = "a subquery has no columns, in a statement that asks all servers"

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True)
class Catalog:
    """What the rules need to know of a database: its tables of users, others that are on all servers, functions.

    `numbered` are the tables whose rows the database numbers, `mutable` the functions that are not immutable,
    `volatile` those of them that are volatile.
    """

    of_users: frozenset[str]
    everywhere: frozenset[str]
    numbered: frozenset[str]
    mutable: frozenset[str]
    volatile: frozenset[str]


def read_catalog(connection: psycopg.Connection) -> Catalog:
    """Return what the rules need to know, with the functions of a database server."""
    # Of several functions with one name, all are such or none counts.
    functions = connection.execute(
        """
        SELECT proname, bool_and(provolatile = 'v')
        FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'
        GROUP BY proname
        HAVING bool_and(provolatile <> 'i')
        """
    ).fetchall()
    everywhere = frozenset({"users", "exercise_catalog"})
    return Catalog(
        frozenset({*(table.name for table in TABLES), *LEFT_OUT}) - everywhere,
        everywhere,
        frozenset(table.name for table in TABLES if table.numbered and not table.per_user),
        frozenset(name for name, _ in functions),
        frozenset(name for name, volatile in functions if volatile),
    )


@dataclass
class _Statement:
    """A parsed statement: the numbers of the parameters with the user id, the names of WITH queries, what is wrong."""

    users: frozenset[int]
    catalog: Catalog
    with_queries: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def problems_of(query: str, catalog: Catalog) -> list[str]:
    """Return which rules a statement breaks. Its parameters are `%(name)s`, or else `$1` is the user id."""
    if "%(" in query:
        names: list[str] = []
        query = _PLACEHOLDER.sub(lambda found: _numbered(names, found[1]), query)
        users = frozenset({names.index("user_id") + 1} if "user_id" in names else ())
    else:
        users = frozenset({1})
    statement = _Statement(users, catalog)
    tree = json.loads(parse_sql_json(query))
    statement.with_queries = {node["ctename"] for kind, node in _nodes(tree) if kind == "CommonTableExpr"}
    for kind, node in _nodes(tree):
        if check := _CHECKS.get(kind):
            check(statement, node)
    return list(dict.fromkeys(statement.problems))


def problems_of_all_users(query: str) -> list[str]:
    """Return which rules a statement about all users breaks: a server asks the others for what a subquery has."""
    tree = json.loads(parse_sql_json(_PLACEHOLDER.sub(lambda found: "NULL" if found[1] else "%", query)))
    subqueries = [node["subselect"]["SelectStmt"] for kind, node in _nodes(tree) if kind == "SubLink"]
    return [NO_COLUMNS] if any("targetList" not in one for one in subqueries) else []


def _numbered(names: list[str], name: str | None) -> str:
    if name is None:
        return "%"
    if name not in names:
        names.append(name)
    return f"${names.index(name) + 1}"


_UNNAMED = {"larg": "SelectStmt", "rarg": "SelectStmt"}
"""Keys of nodes that stand there without their kind."""


def _nodes(tree: Any) -> Iterator[tuple[str, Node]]:
    """Yield all nodes with their kinds."""
    if isinstance(tree, list):
        for one in tree:
            yield from _nodes(one)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            kind = _UNNAMED[key] if key in _UNNAMED else str(key)
            if isinstance(value, dict) and kind[0].isupper():
                yield kind, value
            yield from _nodes(value)


def _conditions(node: Node | None) -> list[Node]:
    """Return the conditions that AND joins."""
    if not node:
        return []
    if node.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
        return [one for part in node["BoolExpr"]["args"] for one in _conditions(part)]
    return [node]


def _relations(item: Node, conditions: list[Node]) -> Iterator[tuple[str, str, list[Node]]]:
    """Yield (alias, table, conditions on its rows) of the tables in an item of FROM; WITH queries have no schema."""
    if table := item.get("RangeVar"):
        name = ".".join(filter(None, (table.get("schemaname"), table["relname"])))
        yield table.get("alias", {}).get("aliasname", table["relname"]), name, conditions
    elif join := item.get("JoinExpr"):
        on = conditions + _conditions(join.get("quals"))
        kind = join.get("jointype", "JOIN_INNER")
        yield from _relations(join["larg"], on if kind in {"JOIN_INNER", "JOIN_RIGHT"} else conditions)
        yield from _relations(join["rarg"], on if kind in {"JOIN_INNER", "JOIN_LEFT"} else conditions)


def _column(node: Node) -> tuple[str, ...]:
    """Return the parts of a column's name, such as ("r", "user_id"); empty if the node is none."""
    parts = node.get("ColumnRef", {}).get("fields", [])
    return tuple(part.get("String", {}).get("sval", "*") for part in parts)


def _is_user(statement: _Statement, node: Node) -> bool:
    return node.get("ParamRef", {}).get("number") in statement.users


def _names_user(statement: _Statement, condition: Node, columns: Sequence[tuple[str, ...]]) -> bool:
    comparison = condition.get("A_Expr", {})
    if comparison.get("kind") != "AEXPR_OP" or comparison["name"][0]["String"]["sval"] != "=":
        return False
    sides = comparison["lexpr"], comparison["rexpr"]
    return any(_column(one) in columns and _is_user(statement, other) for one, other in (sides, reversed(sides)))


def _check_tables(statement: _Statement, items: list[Node], where: Node | None) -> None:
    """Check that each table of users has the user among the conditions on its rows."""
    conditions = _conditions(where)
    relations = [
        (alias, name.removeprefix("public."), on)
        for item in items
        for alias, name, on in _relations(item, conditions)
        if name not in statement.with_queries and name.removeprefix("public.") in statement.catalog.of_users
    ]
    for alias, table, on in relations:
        columns = [(alias, "user_id"), *([("user_id",)] if len(relations) == 1 else [])]
        if not any(_names_user(statement, condition, columns) for condition in on):
            statement.problems.append(NO_USER.format(table))


def _is_local(statement: _Statement, node: Node) -> bool:
    table = node["relation"]["relname"]
    return table not in statement.catalog.of_users | statement.catalog.everywhere


def _returned(node: Node) -> Any:
    return node.get("returningClause", {}).get("exprs")


def _check_select(statement: _Statement, node: Node) -> None:
    _check_tables(statement, node.get("fromClause", []), node.get("whereClause"))
    _check_with(statement, node)


def _check_update(statement: _Statement, node: Node) -> None:
    _check_tables(statement, [{"RangeVar": node["relation"]}, *node.get("fromClause", [])], node.get("whereClause"))
    _check_with(statement, node)
    if _is_local(statement, node):
        return
    if any(target["ResTarget"]["name"] == "user_id" for target in node["targetList"]):
        statement.problems.append(CHANGES_USER)
    joined = [_flattened(item) for item in node.get("fromClause", [])]
    _check_written(statement, node, [node["targetList"], node.get("whereClause"), joined])


def _check_delete(statement: _Statement, node: Node) -> None:
    _check_tables(statement, [{"RangeVar": node["relation"]}, *node.get("usingClause", [])], node.get("whereClause"))
    _check_with(statement, node)
    if not _is_local(statement, node):
        joined = [_flattened(item) for item in node.get("usingClause", [])]
        _check_written(statement, node, [node.get("whereClause"), joined])


def _check_insert(statement: _Statement, node: Node) -> None:
    _check_with(statement, node)
    table = node["relation"]["relname"]
    if _is_local(statement, node):
        return
    source = node.get("selectStmt", {}).get("SelectStmt", {})
    lists = [one["List"]["items"] for one in source.get("valuesLists", [])]
    if table in statement.catalog.of_users:
        names = [target["ResTarget"]["name"] for target in node.get("cols", [])]
        rows = lists or [[target["ResTarget"]["val"] for target in source.get("targetList", [])]]
        place = names.index("user_id") if "user_id" in names else -1
        if place < 0 or not all(
            _is_user(statement, row[place]) or _column(row[place])[-1:] == ("user_id",) for row in rows
        ):
            statement.problems.append(INSERTS_NO_USER.format(table))
    on_conflict = node.get("onConflictClause")
    if lists and any(kind == "SubLink" for kind, _ in _nodes([lists, on_conflict, _returned(node)])):
        statement.problems.append(IN_VALUES)
    if not lists and not on_conflict and not _returned(node):
        statement.problems.append(COPIES)
    if table in statement.catalog.numbered and _reads_users(statement, source):
        statement.problems.append(NUMBERED_THERE)
    for name in _mutable(statement, on_conflict):
        statement.problems.append(ON_CONFLICT.format(name))
    _check_returning(statement, node)


_FENCES = {"limitOffset", "limitCount", "groupClause", "sortClause", "distinctClause", "havingClause", "withClause"}


def _flattened(item: Node) -> list[Any]:
    """Return the expressions of the subqueries in an item of FROM that the planner makes a part of the statement."""
    if join := item.get("JoinExpr"):
        return [_flattened(join["larg"]), _flattened(join["rarg"])]
    query = item.get("RangeSubselect", {}).get("subquery", {}).get("SelectStmt", {})
    if query.keys() & _FENCES or "targetList" not in query:
        return []
    return [query["targetList"], query.get("whereClause"), *map(_flattened, query.get("fromClause", []))]


def _reads_users(statement: _Statement, query: Node) -> bool:
    """Return whether a query reads tables of users, other than in WITH."""
    outside = {key: value for key, value in query.items() if key != "withClause"}
    tables = {node["relname"] for kind, node in _nodes(outside) if kind == "RangeVar"}
    return bool((tables & statement.catalog.of_users) - statement.with_queries)


def _check_merge(statement: _Statement, node: Node) -> None:
    statement.problems.append(MERGES)


def _check_with(statement: _Statement, node: Node) -> None:
    for one in node.get("withClause", {}).get("ctes", []):
        if "SelectStmt" not in one["CommonTableExpr"]["ctequery"]:
            statement.problems.append(WRITES_IN_CTE)


def _check_condition(statement: _Statement, node: Node) -> None:
    """Check that a user id is compared with `=` alone, which OR and NOT do not touch."""
    operands = [node.get("lexpr"), node.get("rexpr"), node.get("testexpr")]
    plain = node.get("kind") == "AEXPR_OP" and node["name"][0]["String"]["sval"] == "="
    if not plain and any(operand and _column(operand)[-1:] == ("user_id",) for operand in operands):
        statement.problems.append(USER_OTHERWISE)


_COMBINES = {"+", "-", "*"}


def _check_arithmetic(statement: _Statement, node: Node) -> None:
    """Check that no result has its type from the size of a parameter, as it is out of range for some numbers then."""
    if node.get("kind") == "AEXPR_OP" and node["name"][0]["String"]["sval"] in _COMBINES:
        kinds = [kind for side in ("lexpr", "rexpr") for kind in node.get(side, {})]
        if len(kinds) == 2 and "ParamRef" in kinds and set(kinds) <= {"ParamRef", "A_Const"}:
            statement.problems.append(NO_TYPE)


def _check_expression(statement: _Statement, node: Node) -> None:
    _check_condition(statement, node)
    _check_arithmetic(statement, node)


def _check_bool(statement: _Statement, node: Node) -> None:
    if node["boolop"] != "AND_EXPR" and any(_compares_user(statement, one) for one in node["args"]):
        statement.problems.append(USER_OTHERWISE)


def _compares_user(statement: _Statement, node: Node) -> bool:
    comparison = node.get("A_Expr", {})
    sides = [comparison.get("lexpr") or {}, comparison.get("rexpr") or {}]
    return any(_column(side)[-1:] == ("user_id",) for side in sides) and any(
        _is_user(statement, side) for side in sides
    )


def _check_written(statement: _Statement, node: Node, expressions: list[Any]) -> None:
    """Check the functions in what an UPDATE or DELETE assigns and asks."""
    for name in _mutable(statement, expressions):
        if name in statement.catalog.volatile:
            statement.problems.append(VOLATILE.format(name))
    _check_functions(statement, expressions)
    _check_returning(statement, node)


def _check_functions(statement: _Statement, tree: Any) -> None:
    """Check functions outside subqueries, but for those in CASE and COALESCE, which must not have any."""
    if isinstance(tree, list):
        for one in tree:
            _check_functions(statement, one)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key in {"CaseExpr", "CoalesceExpr"}:
                statement.problems += [IN_CASE.format(name) for name in _mutable(statement, value)]
                if "arg" in value:
                    statement.problems.append(CASE_OF)
            elif key != "SubLink":
                name = _mutable_name(statement, key, value) if isinstance(value, dict) else None
                if name and any(kind == "ColumnRef" for kind, _ in _nodes(value)):
                    statement.problems.append(OVER_COLUMN.format(name))
                _check_functions(statement, value)


def _check_returning(statement: _Statement, node: Node) -> None:
    for name in _mutable(statement, _returned(node)):
        statement.problems.append(IN_RETURNING.format(name))


def _mutable(statement: _Statement, tree: Any) -> list[str]:
    """Return the functions in an expression that are not immutable."""
    return [name for kind, node in _nodes(tree) if (name := _mutable_name(statement, kind, node))]


def _mutable_name(statement: _Statement, kind: str, node: Node) -> str | None:
    """Return the name of the function that a node calls if it is not immutable; types are known only here and there."""
    if kind == "FuncCall":
        name = node["funcname"][-1]["String"]["sval"]
        return name if name in statement.catalog.mutable else None
    if kind == "SQLValueFunction":
        return node["op"]
    if kind == "TypeCast" and len(_column(node["arg"])) == 1 and _column(node["arg"])[0] in {"h", "s", "r", "t"}:
        return "the cast of a row"
    if kind == "A_Expr" and node["name"][0]["String"]["sval"] in {"+", "-"}:
        sides = [node.get("lexpr") or {}, node.get("rexpr") or {}]
        if any(map(_is_interval, sides)) and any(map(_column, sides)):
            return "an instant and an interval"
    return None


def _is_interval(node: Node) -> bool:
    function = node.get("FuncCall", {}).get("funcname", [{}])[-1].get("String", {}).get("sval")
    cast = node.get("TypeCast", {}).get("typeName", {}).get("names", [{}])[-1].get("String", {}).get("sval")
    return function == "make_interval" or cast == "interval"


_CHECKS = {
    "SelectStmt": _check_select,
    "InsertStmt": _check_insert,
    "UpdateStmt": _check_update,
    "DeleteStmt": _check_delete,
    "MergeStmt": _check_merge,
    "A_Expr": _check_expression,
    "SubLink": _check_condition,
    "BoolExpr": _check_bool,
}


NOT_ALONE = "ADD CONSTRAINT stands together with other changes"
LATE_IDENTITY = "an identity column is added to a table that is there"
TRIGGER = "a trigger"
KEY_TO_USERS = "a new table has a foreign key to users, which user_table adds"
KEY_ACTION = "a foreign key with SET NULL, SET DEFAULT or ON UPDATE"


def problems_of_migration(query: str) -> list[str]:
    """Return which rules of `migrations/tenancy.py` a statement of a migration breaks."""
    problems: list[str] = []
    for kind, node in _nodes(json.loads(parse_sql_json(query))):
        changes = [one["AlterTableCmd"] for one in node.get("cmds", [])] if kind == "AlterTableStmt" else []
        if len(changes) > 1 and any(change["subtype"] == "AT_AddConstraint" for change in changes):
            problems.append(NOT_ALONE)
        for change in changes:
            added = change.get("def", {}).get("ColumnDef", {}) if change["subtype"] == "AT_AddColumn" else {}
            if any(kind == "Constraint" and one["contype"] == "CONSTR_IDENTITY" for kind, one in _nodes(added)):
                problems.append(LATE_IDENTITY)
        if kind == "CreateTrigStmt":
            problems.append(TRIGGER)
        if kind == "CreateStmt" and any(
            kind == "Constraint" and one.get("pktable", {}).get("relname") == "users" for kind, one in _nodes(node)
        ):
            problems.append(KEY_TO_USERS)
        is_key = kind == "Constraint" and node["contype"] == "CONSTR_FOREIGN"
        # a: no action, r: restrict, c: cascade
        if is_key and (node.get("fk_del_action", "a") not in "arc" or node.get("fk_upd_action", "a") not in "ar"):
            problems.append(KEY_ACTION)
    return problems


SUPPORTED = {
    *("AT_AddColumn", "AT_DropColumn", "AT_SetNotNull", "AT_DropNotNull", "AT_ColumnDefault", "AT_AlterColumnType"),
    *("AT_AddConstraint", "AT_DropConstraint", "AT_ValidateConstraint", "AT_SetRelOptions", "AT_ResetRelOptions"),
    *("AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity"),
}
"""What ALTER TABLE may change in a Citus cluster."""


def unsupported_changes(queries: Iterable[str]) -> list[str]:
    """Return the changes of tables that a cluster refuses, among statements that run one after the other.

    A new table is like any other until it has a foreign key.
    """
    plain: set[str] = set()
    refused = []
    for query in queries:
        for kind, node in _nodes(json.loads(parse_sql_json(query))):
            if kind not in {"CreateStmt", "AlterTableStmt"}:
                continue
            table = node["relation"]["relname"]
            has_key = any(kind == "Constraint" and one["contype"] == "CONSTR_FOREIGN" for kind, one in _nodes(node))
            kinds = {one["AlterTableCmd"]["subtype"] for one in node.get("cmds", [])}
            if kinds - SUPPORTED and table not in plain:
                refused.append(query)
            if has_key:
                plain.discard(table)
            elif kind == "CreateStmt":
                plain.add(table)
    return refused


def new_user_tables(query: str) -> list[str]:
    """Return the tables with a `user_id` that a statement creates."""
    return [
        node["relation"]["relname"]
        for kind, node in _nodes(json.loads(parse_sql_json(query)))
        if kind == "CreateStmt"
        and any(one.get("ColumnDef", {}).get("colname") == "user_id" for one in node.get("tableElts", []))
    ]
