"""A CloudWatch dashboard as an SVG picture: its body as it was deployed, and what CloudWatch has for its metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from itertools import cycle
from typing import Any

# A dashboard is 24 columns wide; a row is as high as CloudWatch makes it.
_COLUMN, _ROW, _GAP = 50, 44, 6
_COLOURS = (
    "#1f77b4",
    "#2ca02c",
    "#d62728",
    "#ff7f0e",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
_INK, _FAINT = "#16191f", "#d5dbdb"


@dataclass(frozen=True)
class Line:
    """One metric of a widget: its values by moment."""

    label: str
    colour: str
    points: Mapping[datetime, float]


def drawing(body: str, cloudwatch: Any, *, start: datetime, end: datetime, period: int) -> str:
    """The dashboard between two moments, a point every `period` seconds."""
    widgets = json.loads(body)["widgets"]
    height = max(widget["y"] + widget["height"] for widget in widgets) * _ROW
    parts = [part for widget in widgets for part in _widget(widget, cloudwatch, start, end, period)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * _COLUMN} {height}" '
            'font-family="Helvetica, Arial, sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="#f2f3f3"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _widget(widget: Mapping[str, Any], cloudwatch: Any, start: datetime, end: datetime, period: int) -> Iterator[str]:
    properties = widget["properties"]
    width, height = widget["width"] * _COLUMN - 2 * _GAP, widget["height"] * _ROW - 2 * _GAP
    yield f'<g transform="translate({widget["x"] * _COLUMN + _GAP},{widget["y"] * _ROW + _GAP})">'
    yield f'<rect width="{width}" height="{height}" rx="3" fill="white" stroke="{_FAINT}"/>'
    yield _text(10, 19, properties["title"], weight="bold", size=13)
    if properties["view"] == "singleValue":
        whole = int((end - start).total_seconds())
        yield from _numbers(_lines(properties, cloudwatch, start, end, whole), width, height)
    else:
        filled = [line for line in _lines(properties, cloudwatch, start, end, period) if line.points]
        lines = [replace(line, colour=colour) for line, colour in zip(filled, cycle(_COLOURS), strict=False)]
        yield from _graph(lines, properties, width, height, (start, end))
    yield "</g>"


def _lines(properties: Mapping[str, Any], cloudwatch: Any, start: datetime, end: datetime, period: int) -> list[Line]:
    metrics = [_metric(entry) for entry in properties["metrics"]]
    queries = [
        {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": options.get("stat", "Average")}}
        for number, (metric, options) in enumerate(metrics)
    ]
    answers = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)["MetricDataResults"]
    return [
        Line(
            options.get("label", metric["MetricName"]),
            _INK,
            dict(zip(answer["Timestamps"], answer["Values"], strict=True)),
        )
        for (metric, options), answer in zip(metrics, answers, strict=True)
    ]


def _metric(entry: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`[namespace, name, dimension, value, …, {options}]`."""
    *words, options = entry if isinstance(entry[-1], dict) else [*entry, {}]
    namespace, name, *pairs = words
    dimensions = [{"Name": key, "Value": value} for key, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}, options


def _numbers(lines: Sequence[Line], width: float, height: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        middle = width * (number + 0.5) / len(lines)
        yield _text(middle, height * 0.62, f"{sum(line.points.values()):,.0f}", size=34, anchor="middle")
        yield _text(middle, height * 0.82, line.label, anchor="middle")


def _graph(
    lines: Sequence[Line], properties: Mapping[str, Any], width: float, height: float, time: tuple[datetime, datetime]
) -> Iterator[str]:
    left, right, top = 48.0, width - 14, 34.0
    rows = _legend_rows(lines, right - left)
    bottom = height - 26 - 15 * len(rows)
    stacked = properties.get("stacked", False)
    highest = max((value for line in _drawn(lines, stacked) for _, value in line[1]), default=0) or 1
    yield _text(width - 10, 19, properties.get("yAxis", {}).get("left", {}).get("label", ""), anchor="end")
    for share in (0, 0.5, 1):
        y = bottom - share * (bottom - top)
        yield f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_FAINT}"/>'
        yield _text(left - 5, y + 4, f"{share * highest:,.3g}", anchor="end", size=9)
    start, end = time
    for moment, anchor, x in ((start, "start", left), (end, "end", right)):
        yield _text(x, bottom + 12, f"{moment:%H:%M:%S}", anchor=anchor, size=9)
    if not lines:
        yield _text((left + right) / 2, (top + bottom) / 2, "no data", anchor="middle")
    span = (end - start).total_seconds()
    for line, points in _drawn(lines, stacked):
        places = [
            (
                left + (moment - start).total_seconds() / span * (right - left),
                bottom - value / highest * (bottom - top),
            )
            for moment, value in points
        ]
        path = " ".join(f"{max(x, left):.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="1.6"/>'
        yield from (f'<circle cx="{max(x, left):.1f}" cy="{y:.1f}" r="1.8" fill="{line.colour}"/>' for x, y in places)
    for number, row in enumerate(rows):
        for x, line in row:
            y = bottom + 27 + 15 * number
            yield f'<rect x="{left + x:.0f}" y="{y - 8}" width="9" height="9" fill="{line.colour}"/>'
            yield _text(left + x + 13, y, line.label, size=10)


def _drawn(lines: Sequence[Line], stacked: bool) -> Iterator[tuple[Line, list[tuple[datetime, float]]]]:
    """Each line's points in the order of time; stacked, upon what the lines before it sum up to."""
    below: dict[datetime, float] = {}
    for line in lines:
        points = sorted(line.points.items())
        if stacked:
            below.update({moment: below.get(moment, 0) + value for moment, value in points})
            points = [(moment, below[moment]) for moment, _ in points]
        yield line, points


def _legend_rows(lines: Sequence[Line], width: float) -> list[list[tuple[float, Line]]]:
    rows: list[list[tuple[float, Line]]] = []
    x = width
    for line in lines:
        needed = 13 + 5.6 * len(line.label) + 14
        if x + needed > width:
            rows.append([])
            x = 0
        rows[-1].append((x, line))
        x += needed
    return rows


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{_INK}">{escape(text)}</text>'
    )
