"""The rules for the text files that Amazon Transcribe takes: encoding, line ends and size."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from cdk_transcribe._finding import Finding, error, warning

# "50 KB" in the quotas of the Amazon Transcribe developer guide; whether a KB is 1,000 or 1,024 bytes, it doesn't say.
_SURE_LIMIT_BYTES = 50 * 1024
_POSSIBLE_LIMIT_BYTES = 50 * 1000

# Bytes that are not UTF-8 are decoded to these.
_UNDECODABLE = re.compile("[\udc80-\udcff]")


def text_lines(content: bytes) -> list[str]:
    """The lines of a file without line ends and byte order mark; bytes that are not UTF-8 become lone surrogates."""
    *lines, rest = content.removeprefix(codecs.BOM_UTF8).split(b"\n")
    lines += [rest] if rest else []
    return [line.removesuffix(b"\r").decode("utf-8", "surrogateescape") for line in lines]


def is_utf_16(content: bytes) -> bool:
    """Whether the file starts with the mark that editors put before UTF-16, their "Unicode"."""
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def encoding(content: bytes) -> Iterator[Finding]:
    """Files are UTF-8."""
    if is_utf_16(content):
        yield error("not-utf-8", "the file is UTF-16: save it as UTF-8 without a byte order mark")
        return
    if content.startswith(codecs.BOM_UTF8):
        yield warning(
            "byte-order-mark",
            "the file starts with a byte order mark, which may be read as part of the first line: "
            "save it as UTF-8 without one",
        )
    for number, line in enumerate(text_lines(content), start=1):
        undecodable = _UNDECODABLE.search(line)
        if undecodable:
            byte = ord(undecodable.group()) - 0xDC00
            yield error(
                "not-utf-8",
                f"the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8",
                line=number,
                column=undecodable.start() + 1,
            )


def line_ends(content: bytes, *, refuses_crlf: str | None) -> Iterator[Finding]:
    """Lines end with LF.

    Args:
        content: the file.
        refuses_crlf: what kind of file this is, when it is one for which the service is documented to refuse CRLF.
    """
    lines = content.split(b"\n")
    crlf = [number for number, line in enumerate(lines[:-1], start=1) if line.endswith(b"\r")]
    if crlf:
        yield _crlf(crlf[0], len(crlf), refuses_crlf)
    for number, line in enumerate(lines, start=1):
        lone = line.removesuffix(b"\r").find(b"\r") if number < len(lines) else line.find(b"\r")
        if lone >= 0:
            column = len(line[:lone].decode("utf-8", "surrogateescape")) + 1
            message = "a carriage return stands without a line feed, which is no line end: save the file with LF"
            yield error("line-end-cr", message, line=number, column=column)
            return


def size(content: bytes) -> Iterator[Finding]:
    """A file has at most 50 KB."""
    measured = f"{len(content):,} bytes"
    if len(content) > _SURE_LIMIT_BYTES:
        yield error("too-large", f"{measured}, allowed are 50 KB ({_SURE_LIMIT_BYTES:,} bytes): split it")
    elif len(content) > _POSSIBLE_LIMIT_BYTES:
        yield warning("near-size-limit", f"{measured}, and 50 KB may mean {_POSSIBLE_LIMIT_BYTES:,} bytes: shorten it")


def _crlf(line: int, count: int, refuses_crlf: str | None) -> Finding:
    lines = "1 line ends" if count == 1 else f"{count} lines end"
    if refuses_crlf:
        return error("line-end-crlf", f"{lines} with CRLF, which {refuses_crlf} refuse: save it with LF", line=line)
    message = f"{lines} with CRLF, which Amazon Transcribe accepts only of late: save it with LF"
    return warning("line-end-crlf", message, line=line)
