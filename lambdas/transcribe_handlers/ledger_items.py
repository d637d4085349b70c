"""Items of the ledger as DynamoDB writes them, and many of them read at once; each caller brings its own client."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
_ITEMS_A_CALL = 100
_T = TypeVar("_T")


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as plain values."""
    return {name: _plain(value) for name, value in item.items()}


def items_of(dynamodb: Any, table_name: str, job_names: Iterable[str], **options: str) -> Iterator[dict[str, Any]]:
    """The items of those jobs that have one, as plain values and in any order; `options` are those of BatchGetItem."""
    for names in in_groups(job_names, _ITEMS_A_CALL):
        asked: Mapping[str, Any] = {table_name: {"Keys": [{"job_name": {"S": name}} for name in names], **options}}
        while asked:
            answer = dynamodb.batch_get_item(RequestItems=asked)
            yield from map(plain, answer["Responses"].get(table_name, []))
            asked = answer.get("UnprocessedKeys", {})


def in_groups(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of that many, the last one with what is left."""
    remaining = iter(items)
    while group := list(islice(remaining, size)):
        yield group


def _plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    if kind == "N":
        return json.loads(content)
    return [_plain(item) for item in content] if kind == "L" else content
